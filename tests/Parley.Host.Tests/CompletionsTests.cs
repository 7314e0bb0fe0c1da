using Parley.Protocol.Generation;
using Parley.Testing;

namespace Parley.Host.Tests;

/// <summary>Raw text and token ids, one or many prompts, in one piece or many.</summary>
public sealed class CompletionsTests(UntouchedServer untouched) : IClassFixture<UntouchedServer>
{
    [Fact]
    public async Task One_prompt_gets_sixteen_tokens_unless_it_says_otherwise()
    {
        var replica = new ScriptedReplica("b", "c");
        await using var server = await TestServer.StartAsync(replica);
        var (status, body) = await server.PostAsync("/v1/completions", """{"model":"scripted","prompt":"a"}""");
        Assert.Equal((200, "text_completion", "bc", "stop"), (status, (string?)body["object"], (string?)body["choices"]![0]!["text"], (string?)body["choices"]![0]!["finish_reason"]));
        Assert.Equal((7, 2, 9), ((int)body["usage"]!["prompt_tokens"]!, (int)body["usage"]!["completion_tokens"]!, (int)body["usage"]!["total_tokens"]!));
        Assert.Equal((16, "a"), (replica.Requests[0].MaxOutputTokens, Assert.IsType<GenerationInput.Text>(replica.Requests[0].Input).Value));
    }

    [Theory]
    [InlineData("""["a","b"]""", 2)]
    [InlineData("[[1,2],[3]]", 2)]
    [InlineData("[1,2,3]", 1)]
    public async Task Each_prompt_is_a_request_and_an_entry(string prompt, int requests)
    {
        var replica = new ScriptedReplica("x");
        await using var server = await TestServer.StartAsync(replica);
        var (status, body) = await server.PostAsync("/v1/completions", $$"""{"model":"scripted","prompt":{{prompt}},"max_tokens":4}""");
        Assert.Equal((200, requests, requests), (status, body["choices"]!.AsArray().Count, replica.Requests.Count));
        Assert.Equal(Enumerable.Range(0, requests), body["choices"]!.AsArray().Select(choice => (int)choice!["index"]!));
        Assert.Equal(7 * requests, (int)body["usage"]!["prompt_tokens"]!);
        Assert.Equal(requests, (await server.EntriesAsync(requests)).Count);
    }

    [Fact]
    public async Task Streamed_prompts_are_told_apart_by_index_and_close_with_one_usage()
    {
        await using var server = await TestServer.StartAsync(new ScriptedReplica("x", "y"));
        using var answer = await server.Http.PostAsync(
            "/v1/completions", new StringContent("""{"model":"scripted","prompt":["a","b"],"stream":true,"stream_options":{"include_usage":true}}"""));
        var text = await answer.Content.ReadAsStringAsync();
        var data = text.Split("\n\n", StringSplitOptions.RemoveEmptyEntries).Select(line => line["data: ".Length..]).ToArray();
        Assert.Equal("[DONE]", data[^1]);
        var pieces = data[..^1].Select(json => System.Text.Json.Nodes.JsonNode.Parse(json)!).ToArray();
        var choices = pieces[..^1].Select(piece => piece["choices"]![0]!).ToLookup(choice => (int)choice["index"]!, choice => (string)choice["text"]!);
        Assert.Equal(["xy", "xy"], new[] { 0, 1 }.Select(index => string.Concat(choices[index])));
        Assert.Equal((14, 4), ((int)pieces[^1]["usage"]!["prompt_tokens"]!, (int)pieces[^1]["usage"]!["completion_tokens"]!));
        Assert.Empty(pieces[^1]["choices"]!.AsArray());
    }

    [Theory]
    [InlineData("""{"model":"scripted"}""", "prompt")]
    [InlineData("""{"model":"scripted","prompt":5}""", "prompt")]
    [InlineData("""{"model":"scripted","prompt":["a",5]}""", "prompt[1]")]
    [InlineData("""{"model":"scripted","prompt":[1,"a"]}""", "prompt[1]")]
    [InlineData("""{"model":"scripted","prompt":[]}""", "prompt")]
    [InlineData("""{"model":"scripted","prompt":"a","echo":1}""", "echo")]
    [InlineData("""{"model":"scripted","prompt":"a","n":3,"best_of":2}""", "best_of")]
    [InlineData("""{"model":"scripted","prompt":"a","best_of":2,"stream":true}""", "best_of")]
    [InlineData("""{"model":"scripted","prompt":"a","max_tokens":-1}""", "max_tokens")]
    [InlineData("""{"model":"scripted","prompt":"a","suffix":"b"}""", "suffix")]
    [InlineData("""{"model":"scripted","prompt":"a","tools":[]}""", "tools")]
    [InlineData("""{"model":"scripted","prompt":"a","messages":[]}""", "messages")]
    public async Task A_bad_parameter_is_named(string body, string param)
    {
        var (status, answer) = await untouched.Server.PostAsync("/v1/completions", body);
        Assert.Equal((400, param), (status, (string?)answer["error"]!["param"]));
    }
}
