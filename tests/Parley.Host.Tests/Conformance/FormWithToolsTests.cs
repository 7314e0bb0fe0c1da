using System.Text.Json.Nodes;
using OpenAI.Chat;

namespace Parley.Host.Tests.Conformance;

/// <summary>A response format beside tools: the answer is calls or has the form; and arguments that are streamed as they are written.</summary>
[Collection(ConformanceSuite.Name)]
public sealed class FormWithToolsTests(ConformanceServer server)
{
    private const string Schema = """{"type":"object","properties":{"city":{"enum":["Paris, the city of lights","Rome"]}},"required":["city"],"additionalProperties":false}""";

    private static ChatTool Weather => ChatTool.CreateFunctionTool("get_weather", "Tells the weather.", BinaryData.FromString(Schema));

    private static ChatResponseFormat Verdict => ChatResponseFormat.CreateJsonSchemaFormat(
        "verdict", BinaryData.FromString("""{"type":"object","properties":{"ok":{"type":"boolean"}},"required":["ok"],"additionalProperties":false}"""), null, true);

    [Fact]
    public async Task The_model_may_call()
    {
        ChatCompletion answer = await server.Reciting.CompleteChatAsync([new UserChatMessage("WEATHER")], new() { Tools = { Weather }, ResponseFormat = Verdict });
        Assert.Equal(("get_weather", ChatFinishReason.ToolCalls), (Assert.Single(answer.ToolCalls).FunctionName, answer.FinishReason));
        Assert.Equal("{\"city\": \"Paris, the city of lights\"}", answer.ToolCalls[0].FunctionArguments.ToString());
        Assert.Empty(answer.Content);
    }

    [Fact]
    public async Task With_none_chosen_the_form_is_all_there_is()
    {
        ChatCompletion answer = await server.Reciting.CompleteChatAsync(
            [new UserChatMessage("WEATHER")], new() { Tools = { Weather }, ToolChoice = ChatToolChoice.CreateNoneChoice(), ResponseFormat = Verdict });
        Assert.Contains(answer.Content[0].Text, new[] { "{\"ok\":true}", "{\"ok\": true}", "{\"ok\":false}", "{\"ok\": false}" });
        Assert.Empty(answer.ToolCalls);
    }

    [Fact]
    public async Task With_a_function_named_it_is_called()
    {
        ChatCompletion answer = await server.Reciting.CompleteChatAsync(
            [new UserChatMessage("HELLO")],
            new() { Tools = { Weather }, ToolChoice = ChatToolChoice.CreateFunctionChoice("get_weather"), ResponseFormat = Verdict, AllowParallelToolCalls = false });
        Assert.Equal("get_weather", Assert.Single(answer.ToolCalls).FunctionName);
        Assert.Empty(answer.Content);
    }

    [Fact]
    public async Task A_call_that_is_certain_is_streamed_as_it_is_written()
    {
        var tool = "{\"type\":\"function\",\"function\":{\"name\":\"get_weather\",\"strict\":true,\"parameters\":" + Schema + "}}";
        var body = $$"""{"model":"reciter","messages":[{"role":"user","content":"WEATHER"}],"stream":true,"tools":[{{tool}}],"logprobs":true}""";
        var pieces = await server.StreamAsync("/v1/chat/completions", body);
        var calls = pieces.SelectMany(piece => piece["choices"]!.AsArray()).Select(choice => choice!["delta"]!["tool_calls"]).OfType<JsonNode>().Select(call => call[0]!).ToArray();
        Assert.Equal(("get_weather", ""), ((string?)calls[0]["function"]!["name"], (string?)calls[0]["function"]!["arguments"]));
        Assert.Equal(
            ["{\"city\"", ": \"Paris, the city of light", "s\"}"],
            calls.Skip(1).Select(call => (string?)call["function"]!["arguments"]));
        Assert.All(pieces.SelectMany(piece => piece["choices"]!.AsArray()), choice => Assert.True(choice!["logprobs"] is null || choice["delta"]!["tool_calls"] is null));
        Assert.Equal("tool_calls", (string?)pieces[^1]["choices"]![0]!["finish_reason"]);
    }

    [Fact]
    public async Task A_certain_call_that_is_cut_is_the_beginning_of_one()
    {
        var strict = ChatTool.CreateFunctionTool("get_weather", null, BinaryData.FromString(Schema), true);
        ChatCompletion answer = await server.Reciting.CompleteChatAsync([new UserChatMessage("WEATHER")], new() { Tools = { strict }, MaxOutputTokenCount = 6 });
        Assert.Equal((ChatFinishReason.Length, "{\"city\": \"Paris, the city of light"), (answer.FinishReason, Assert.Single(answer.ToolCalls).FunctionArguments.ToString()));
        Assert.Empty(answer.Content);
    }
}
