using System.ClientModel;
using System.Net;
using Parley.Testing;

namespace Parley.Host.Tests;

/// <summary>Bad input: the right status, OpenAI's shape, the parameter named, one sentence.</summary>
public sealed class RefusalTests(UntouchedServer untouched) : IClassFixture<UntouchedServer>
{
    private const string Message = """{"role":"user","content":"x"}""";

    [Theory]
    [InlineData("""{"messages":[M]}""", "model")]
    [InlineData("""{"model":"scripted"}""", "messages")]
    [InlineData("""{"model":"scripted","messages":[]}""", "messages")]
    [InlineData("""{"model":"scripted","messages":"x"}""", "messages")]
    [InlineData("""{"model":7,"messages":[M]}""", "model")]
    [InlineData("""{"model":"scripted","messages":[{"role":"boss","content":"x"}]}""", "messages[0].role")]
    [InlineData("""{"model":"scripted","messages":[{"role":"tool","content":"x"}]}""", "messages[0].tool_call_id")]
    [InlineData("""{"model":"scripted","messages":[M,{"role":"user","content":5}]}""", "messages[1].content")]
    [InlineData("""{"model":"scripted","messages":[{"role":"user"}]}""", "messages[0].content")]
    [InlineData("""{"model":"scripted","messages":[{"role":"user","content":"x","colour":"red"}]}""", "messages[0].colour")]
    [InlineData("""{"model":"scripted","messages":[{"role":"user","content":[{"type":"image_url"}]}]}""", "messages[0].content[0].type")]
    [InlineData("""{"model":"scripted","messages":[M],"temperature":2.5}""", "temperature")]
    [InlineData("""{"model":"scripted","messages":[M],"temperature":"hot"}""", "temperature")]
    [InlineData("""{"model":"scripted","messages":[M],"top_p":-0.1}""", "top_p")]
    [InlineData("""{"model":"scripted","messages":[M],"max_tokens":0}""", "max_tokens")]
    [InlineData("""{"model":"scripted","messages":[M],"max_completion_tokens":1.5}""", "max_completion_tokens")]
    [InlineData("""{"model":"scripted","messages":[M],"n":0}""", "n")]
    [InlineData("""{"model":"scripted","messages":[M],"stop":["a","b","c","d","e"]}""", "stop")]
    [InlineData("""{"model":"scripted","messages":[M],"stop":["a",1]}""", "stop[1]")]
    [InlineData("""{"model":"scripted","messages":[M],"top_logprobs":3}""", "top_logprobs")]
    [InlineData("""{"model":"scripted","messages":[M],"stream_options":{"include_usage":true}}""", "stream_options")]
    [InlineData("""{"model":"scripted","messages":[M],"stream":true,"stream_options":{"include_usag":true}}""", "stream_options.include_usag")]
    [InlineData("""{"model":"scripted","messages":[M],"tempratur":1}""", "tempratur")]
    [InlineData("""{"model":"scripted","messages":[{"role":"assistant"}]}""", "messages[0].content")]
    [InlineData("""{"model":"scripted","messages":[{"role":"assistant","tool_calls":[{"id":"a","type":"function","function":{"name":"f"}}]}]}""", "messages[0].tool_calls[0].function.arguments")]
    [InlineData("""{"model":"scripted","messages":[{"role":"user","content":"x","tool_calls":[]}]}""", "messages[0].tool_calls")]
    [InlineData("""{"model":"scripted","messages":[M],"tools":{}}""", "tools")]
    [InlineData("""{"model":"scripted","messages":[M],"tools":[{"type":"function"}]}""", "tools[0].function")]
    [InlineData("""{"model":"scripted","messages":[M],"tools":[{"type":"retrieval"}]}""", "tools[0].type")]
    [InlineData("""{"model":"scripted","messages":[M],"tools":[{"type":"function","function":{"name":"a b"}}]}""", "tools[0].function.name")]
    [InlineData("""{"model":"scripted","messages":[M],"tools":[{"type":"function","function":{"name":"f","parameters":"x"}}]}""", "tools[0].function.parameters")]
    [InlineData("""{"model":"scripted","messages":[M],"tools":[{"type":"function","function":{"name":"f"}},{"type":"function","function":{"name":"f"}}]}""", "tools")]
    [InlineData("""{"model":"scripted","messages":[M],"tool_choice":"always"}""", "tool_choice")]
    [InlineData("""{"model":"scripted","messages":[M],"tool_choice":{"type":"function","function":{"name":"g"}}}""", "tool_choice")]
    [InlineData("""{"model":"scripted","messages":[M],"stop_token_ids":[-1]}""", "stop_token_ids[0]")]
    [InlineData("""{"model":"scripted","messages":[M],"chat_template_kwargs":[]}""", "chat_template_kwargs")]
    [InlineData("""{"model":"scripted","messages":[M],"best_of":2}""", "best_of")]
    [InlineData("""{"model":"scripted","messages":[M],"functions":[{}]}""", "functions")]
    [InlineData("""{"model":"scripted","messages":[M],"logit_bias":{"x":1}}""", "logit_bias")]
    [InlineData("""{"model":"scripted","messages":[M],"logit_bias":{"5":101}}""", "logit_bias")]
    [InlineData("""{"model":"scripted","messages":[M],"response_format":{"type":"xml"}}""", "response_format.type")]
    [InlineData("""{"model":"scripted","messages":[M],"response_format":{"type":"json_object"},"guided_regex":"a"}""", "guided_regex")]
    [InlineData("""{"model":"scripted","messages":[M],"response_format":{"type":"json_schema","json_schema":{"name":"x"}}}""", "response_format.json_schema.schema")]
    [InlineData("""{"model":"scripted","messages":[M],"audio":{}}""", "audio")]
    public async Task A_bad_parameter_is_named(string body, string param)
    {
        var server = untouched.Server;
        var (status, answer) = await server.PostAsync("/v1/chat/completions", body.Replace("M", Message, StringComparison.Ordinal));
        var error = answer["error"]!;
        Assert.Equal((400, "invalid_request_error", param), (status, (string?)error["type"], (string?)error["param"]));
        Assert.Contains(param.Split('.')[^1], (string)error["message"]!, StringComparison.Ordinal);
        Assert.Empty(untouched.Replica.Requests);
        Assert.Empty(await server.Ledger.ReadAsync("local", 1));
    }

    [Fact]
    public async Task Parameters_that_ask_for_nothing_and_recorded_ones_pass()
    {
        var replica = new ScriptedReplica("a");
        await using var server = await TestServer.StartAsync(replica);
        var (status, _) = await server.PostAsync("/v1/chat/completions",
            """
            {"model":"scripted","messages":[{"role":"user","content":"x"},{"role":"assistant","content":"y","refusal":null,"tool_calls":[]}],
             "tools":[],"tool_choice":"none","response_format":{"type":"text"},"logit_bias":{},"modalities":["text"],"audio":null,
             "metadata":{"a":"b"},"service_tier":"auto","store":false,"user":"u"}
            """);
        Assert.Equal(200, status);
        Assert.Equal("""{"a":"b"}""", replica.Requests[0].Recorded["metadata"]);
        var entry = Assert.Single(await server.EntriesAsync(1));
        Assert.Contains("\"service_tier\":\"auto\"", entry.Recorded, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("", "not valid JSON")]
    [InlineData("[]", "must be a JSON object")]
    [InlineData("{\"model\":\n  nope}", "line 2, byte 4")]
    [InlineData("{\"model\":\"a\",\"model\":\"b\"}", "model")]
    public async Task Malformed_json_is_refused_with_its_position(string body, string part)
    {
        var (status, answer) = await untouched.Server.PostAsync("/v1/chat/completions", body);
        Assert.Equal(400, status);
        Assert.Contains(part, (string)answer["error"]!["message"]!, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Wrong_places_answer_in_the_same_shape()
    {
        var server = untouched.Server;
        var (unknown, body) = await server.PostAsync("/v1/nothing", "{}");
        Assert.Equal((404, "unknown_url"), (unknown, (string?)body["error"]!["code"]));
        using var wrongMethod = await server.Http.GetAsync("/v1/chat/completions");
        Assert.Equal(HttpStatusCode.MethodNotAllowed, wrongMethod.StatusCode);
        Assert.Contains("POST", await wrongMethod.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        Assert.StartsWith("req_", wrongMethod.Headers.GetValues("x-request-id").Single(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_unknown_model_is_named_beside_those_there_are()
    {
        var error = await Assert.ThrowsAsync<ClientResultException>(() => untouched.Server.Client().GetChatClient("gpt-9").CompleteChatAsync("x"));
        Assert.Equal(404, error.Status);
        Assert.Contains("'gpt-9' does not exist here; available: scripted", error.Message, StringComparison.Ordinal);
    }
}
