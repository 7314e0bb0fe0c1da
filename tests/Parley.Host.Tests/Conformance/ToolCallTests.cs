using System.Text.Json.Nodes;
using OpenAI.Chat;

namespace Parley.Host.Tests.Conformance;

/// <summary>Tools as the official client sees them: declared, called, streamed, answered; and what only looks like a call.</summary>
[Collection(ConformanceSuite.Name)]
public sealed class ToolCallTests(ConformanceServer server)
{
    private const string Schema = """{"type":"object","properties":{"city":{"type":"string"}},"required":["city"]}""";
    private const string Tools = "\"tools\":" + """[{"type":"function","function":{"name":"get_weather"}},{"type":"function","function":{"name":"now"}}]""";
    private const string Paris = "{\"city\": \"Paris, the city of lights\"}";

    private static ChatTool Weather => ChatTool.CreateFunctionTool("get_weather", "Tells the weather.", BinaryData.FromString(Schema));

    private static ChatTool Now => ChatTool.CreateFunctionTool("now", null, BinaryData.FromString("{\"type\":\"object\",\"properties\":{},\"additionalProperties\":false}"));

    [Fact]
    public async Task A_call_comes_with_id_name_and_arguments()
    {
        ChatCompletion answer = await server.Reciting.CompleteChatAsync([new UserChatMessage("WEATHER")], new() { Tools = { Weather, Now } });
        var call = Assert.Single(answer.ToolCalls);
        Assert.Equal((ChatFinishReason.ToolCalls, ChatToolCallKind.Function), (answer.FinishReason, call.Kind));
        Assert.Equal(("get_weather", Paris), (call.FunctionName, call.FunctionArguments.ToString()));
        Assert.StartsWith("call_", call.Id, StringComparison.Ordinal);
        Assert.Empty(answer.Content);
        Assert.Equal(9, answer.Usage.OutputTokenCount);
    }

    [Fact]
    public async Task A_streamed_call_begins_with_its_name_and_goes_on_with_pieces_of_its_arguments()
    {
        var updates = new List<StreamingChatToolCallUpdate>();
        ChatFinishReason? finish = null;
        await foreach (var piece in server.Reciting.CompleteChatStreamingAsync([new UserChatMessage("WEATHER")], new ChatCompletionOptions { Tools = { Weather } }))
        {
            updates.AddRange(piece.ToolCallUpdates);
            finish = piece.FinishReason ?? finish;
            Assert.Equal("", string.Concat(piece.ContentUpdate.Select(part => part.Text)));
        }

        Assert.Equal(("get_weather", ChatFinishReason.ToolCalls), (updates[0].FunctionName, finish));
        Assert.NotEmpty(updates[0].ToolCallId);
        Assert.All(updates.Skip(1), update => Assert.True(update is { FunctionName: null, ToolCallId: null, Index: 0 }));
        Assert.Equal(Paris, string.Concat(updates.Select(update => update.FunctionArgumentsUpdate?.ToString())));
        Assert.True(updates.Count > 2);
    }

    [Fact]
    public async Task The_first_piece_on_the_wire_has_what_clients_look_for()
    {
        var pieces = await server.StreamAsync("/v1/chat/completions", $$"""{"model":"reciter","messages":[{"role":"user","content":"TWICE"}],"stream":true,{{Tools}}}""");
        var calls = pieces.SelectMany(piece => piece["choices"]!.AsArray()).Select(choice => choice!["delta"]!["tool_calls"]).OfType<JsonNode>().Select(calls => calls[0]!).ToArray();
        Assert.Equal([0, 1], calls.Where(call => call["id"] is not null).Select(call => (int)call["index"]!));
        Assert.Equal("""{"name":"now","arguments":""}""", calls[0]["function"]!.ToJsonString().Replace("\"arguments\":\"\",\"name\":\"now\"", "\"name\":\"now\",\"arguments\":\"\"", StringComparison.Ordinal));
        Assert.Equal(("function", null), ((string?)calls[0]["type"], calls[1]["type"]));
        Assert.Equal("tool_calls", (string?)pieces[^1]["choices"]![0]!["finish_reason"]);
    }

    [Fact]
    public async Task Words_and_several_calls_share_an_answer()
    {
        ChatCompletion answer = await server.Reciting.CompleteChatAsync([new UserChatMessage("TWICE")], new() { Tools = { Weather, Now } });
        Assert.Equal("Both. ", answer.Content[0].Text);
        Assert.Equal([("now", "{}"), ("get_weather", "{\"city\":\"Rome\"}")], answer.ToolCalls.Select(call => (call.FunctionName, call.FunctionArguments.ToString())));
        Assert.Equal(2, answer.ToolCalls.Select(call => call.Id).Distinct().Count());
    }

    [Fact]
    public async Task Without_parallel_calls_the_first_ends_the_answer()
    {
        ChatCompletion answer = await server.Reciting.CompleteChatAsync(
            [new UserChatMessage("TWICE")], new() { Tools = { Weather, Now }, AllowParallelToolCalls = false });
        Assert.Equal(("now", ChatFinishReason.ToolCalls), (Assert.Single(answer.ToolCalls).FunctionName, answer.FinishReason));
    }

    [Fact]
    public async Task What_only_looks_like_a_call_is_text()
    {
        ChatCompletion answer = await server.Reciting.CompleteChatAsync([new UserChatMessage("LOOKALIKE")], new() { Tools = { Weather } });
        Assert.Equal((string.Concat(Reciter.Pieces("LOOKALIKE")[..^1]), ChatFinishReason.Stop), (answer.Content[0].Text, answer.FinishReason));
        Assert.Empty(answer.ToolCalls);
    }

    [Fact]
    public async Task A_call_that_is_cut_short_is_text()
    {
        ChatCompletion answer = await server.Reciting.CompleteChatAsync([new UserChatMessage("WEATHER")], new() { Tools = { Weather }, MaxOutputTokenCount = 4 });
        Assert.Equal((string.Concat(Reciter.Pieces("WEATHER")[..4]), ChatFinishReason.Length), (answer.Content[0].Text, answer.FinishReason));
    }

    [Fact]
    public async Task Without_tools_or_with_none_chosen_a_call_is_text()
    {
        ChatCompletion none = await server.Reciting.CompleteChatAsync([new UserChatMessage("WEATHER")], new() { Tools = { Weather }, ToolChoice = ChatToolChoice.CreateNoneChoice() });
        ChatCompletion without = await server.Reciting.CompleteChatAsync([new UserChatMessage("WEATHER")]);
        Assert.Equal((without.Content[0].Text, ChatFinishReason.Stop), (none.Content[0].Text, none.FinishReason));
        Assert.StartsWith("<tool_call>", none.Content[0].Text, StringComparison.Ordinal);
        Assert.Equal(without.Usage.InputTokenCount, none.Usage.InputTokenCount);
    }

    [Fact]
    public async Task Calls_and_their_results_go_back_in()
    {
        List<ChatMessage> messages = [new UserChatMessage("WEATHER")];
        ChatCompletion call = await server.Reciting.CompleteChatAsync(messages, new() { Tools = { Weather } });
        messages.Add(new AssistantChatMessage(call));
        messages.Add(new ToolChatMessage(call.ToolCalls[0].Id, "Rain. HELLO"));
        ChatCompletion answer = await server.Reciting.CompleteChatAsync(messages, new() { Tools = { Weather } });
        Assert.Equal(("Hello, world!", ChatFinishReason.Stop), (answer.Content[0].Text, answer.FinishReason));
        Assert.True(answer.Usage.InputTokenCount > call.Usage.InputTokenCount + Paris.Length);
    }

    [Fact]
    public async Task Thoughts_before_a_call_are_no_content()
    {
        var answer = await server.CompleteAsync("reciter", """[{"role":"user","content":"PLAN"}]""", Tools);
        var message = answer["choices"]![0]!["message"]!;
        Assert.Equal(("Ask.", null, "now"), ((string?)message["reasoning_content"], message["content"], (string?)message["tool_calls"]![0]!["function"]!["name"]));
    }

    [Fact]
    public async Task Tools_reach_the_model_and_are_counted()
    {
        ChatCompletion plain = await server.Reciting.CompleteChatAsync([new UserChatMessage("HELLO")]);
        ChatCompletion offered = await server.Reciting.CompleteChatAsync([new UserChatMessage("HELLO")], new() { Tools = { Weather }, ToolChoice = ChatToolChoice.CreateAutoChoice() });
        Assert.True(offered.Usage.InputTokenCount > plain.Usage.InputTokenCount + Schema.Length);
        Assert.Equal("Hello, world!", offered.Content[0].Text);
    }

    [Fact]
    public async Task A_template_without_tools_gets_them_in_words()
    {
        ChatCompletion plain = await server.Tiny.CompleteChatAsync([new UserChatMessage("hi")], new ChatCompletionOptions { MaxOutputTokenCount = 1 });
        ChatCompletion offered = await server.Tiny.CompleteChatAsync([new UserChatMessage("hi")], new ChatCompletionOptions { MaxOutputTokenCount = 1, Tools = { Now } });
        Assert.True(offered.Usage.InputTokenCount > plain.Usage.InputTokenCount);
    }

    [Theory]
    [InlineData("reciter")]
    [InlineData("tiny")]
    public async Task A_required_call_comes_whatever_the_model_would_say(string model)
    {
        var client = server.Server.Client().GetChatClient(model);
        for (var seed = 1; seed <= 3; seed++)
        {
#pragma warning disable OPENAI001 // Seed is marked as experimental in the client.
            ChatCompletion answer = await client.CompleteChatAsync(
                [new UserChatMessage("HELLO")], new() { Tools = { Now, Bounded }, ToolChoice = ChatToolChoice.CreateRequiredChoice(), Seed = seed, AllowParallelToolCalls = false });
#pragma warning restore OPENAI001
            var call = Assert.Single(answer.ToolCalls);
            Assert.Equal(ChatFinishReason.ToolCalls, answer.FinishReason);
            Assert.Empty(answer.Content);
            AssertArguments(call);
        }
    }

    [Fact]
    public async Task A_named_call_is_to_that_function()
    {
        ChatCompletion answer = await server.Tiny.CompleteChatAsync(
            [new UserChatMessage("hi")], new() { Tools = { Now, Bounded }, ToolChoice = ChatToolChoice.CreateFunctionChoice("pick"), AllowParallelToolCalls = false });
        Assert.Equal("pick", Assert.Single(answer.ToolCalls).FunctionName);
        AssertArguments(answer.ToolCalls[0]);
    }

    [Fact]
    public async Task Under_strict_a_call_that_the_model_begins_keeps_to_its_schema()
    {
        // WEATHER would say {"city": "Paris, the city of lights"}; only Rome and Oslo are allowed.
        var strict = ChatTool.CreateFunctionTool(
            "get_weather", null, BinaryData.FromString("""{"type":"object","properties":{"city":{"enum":["Rome","Oslo"]}},"required":["city"],"additionalProperties":false}"""), true);
        ChatCompletion answer = await server.Reciting.CompleteChatAsync([new UserChatMessage("WEATHER")], new() { Tools = { strict }, AllowParallelToolCalls = false });
        Assert.Contains(Assert.Single(answer.ToolCalls).FunctionArguments.ToString(), new[] { "{\"city\": \"Rome\"}", "{\"city\": \"Oslo\"}", "{\"city\":\"Rome\"}", "{\"city\":\"Oslo\"}" });
        ChatCompletion words = await server.Reciting.CompleteChatAsync([new UserChatMessage("HELLO")], new() { Tools = { strict } });
        Assert.Equal("Hello, world!", words.Content[0].Text);
    }

    [Theory]
    [InlineData("\"tool_choice\":\"required\"", "tool_choice")]
    [InlineData("\"tools\":[{\"type\":\"function\",\"function\":{\"name\":\"f\",\"strict\":true,\"parameters\":{\"type\":\"string\"}}}]", "tools[0].function.parameters")]
    [InlineData("\"tools\":[{\"type\":\"function\",\"function\":{\"name\":\"f\",\"strict\":true,\"parameters\":{\"type\":[\"object\"]}}}]", "tools[0].function.parameters")]
    public async Task What_cannot_be_forced_is_named(string parameters, string name) =>
        Assert.Equal(name, (string?)(await server.RefusedAsync("tiny", """[{"role":"user","content":"x"}]""", parameters))["param"]);

    private static ChatTool Bounded => ChatTool.CreateFunctionTool(
        "pick", null, BinaryData.FromString("""{"type":"object","properties":{"colour":{"enum":["red","green"]},"size":{"type":"integer","minimum":1,"maximum":9}},"required":["colour","size"],"additionalProperties":false}"""), true);

    private static void AssertArguments(ChatToolCall call)
    {
        var arguments = JsonNode.Parse(call.FunctionArguments)!.AsObject();
        if (call.FunctionName == "pick")
        {
            Assert.Contains((string?)arguments["colour"], new[] { "red", "green" });
            Assert.InRange((int)arguments["size"]!, 1, 9);
        }
        else
        {
            Assert.Equal("now", call.FunctionName);
        }
    }
}
