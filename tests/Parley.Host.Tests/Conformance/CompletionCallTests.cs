using System.Text.Json.Nodes;

namespace Parley.Host.Tests.Conformance;

/// <summary>The older completions: echo, log-probabilities in parallel lists, the best of several. OpenAI's .NET client no longer has types for them.</summary>
[Collection(ConformanceSuite.Name)]
public sealed class CompletionCallTests(ConformanceServer server)
{
    [Fact]
    public async Task An_echo_begins_with_the_prompt()
    {
        var answer = await Ask("\"prompt\":\"the cat\",\"echo\":true,\"max_tokens\":5,\"seed\":1");
        var plain = await Ask("\"prompt\":\"the cat\",\"max_tokens\":5,\"seed\":1");
        Assert.Equal("the cat" + (string?)plain["choices"]![0]!["text"], (string?)answer["choices"]![0]!["text"]);
        Assert.Equal((int)plain["usage"]!["completion_tokens"]!, (int)answer["usage"]!["completion_tokens"]!);
    }

    [Fact]
    public async Task An_echo_alone_scores_the_prompt()
    {
        var answer = await Ask("\"prompt\":\"the cat sat\",\"echo\":true,\"max_tokens\":0,\"logprobs\":2");
        var choice = answer["choices"]![0]!;
        var scores = choice["logprobs"]!;
        var ids = TinyModel.Tokenizer.Encode("the cat sat");
        Assert.Equal(("the cat sat", "length", ids.Length, 0), ((string?)choice["text"], (string?)choice["finish_reason"], (int)answer["usage"]!["prompt_tokens"]!, (int)answer["usage"]!["completion_tokens"]!));
        Assert.Equal(ids.Select(id => TinyModel.Tokenizer.DecodeText([id])), Strings(scores["tokens"]!));
        Assert.Null(scores["token_logprobs"]![0]);
        Assert.Null(scores["top_logprobs"]![0]);
        Assert.All(scores["token_logprobs"]!.AsArray().Skip(1), number => Assert.InRange((float)number!, -100, 0));
        Assert.All(scores["top_logprobs"]!.AsArray().Skip(1), top => Assert.InRange(top!.AsObject().Count, 2, 3));
        Assert.Equal(scores["tokens"]!.AsArray().Aggregate((List: new List<int>(), At: 0), (sum, token) => ([.. sum.List, sum.At], sum.At + ((string)token!).Length)).List, scores["text_offset"]!.AsArray().Select(at => (int)at!));
    }

    [Fact]
    public async Task What_was_said_scores_as_it_did_when_it_was_said()
    {
        var said = (await Ask("\"prompt\":[1,2,300,4,5],\"max_tokens\":0".Replace("300", "3", StringComparison.Ordinal)))["choices"]![0]!;
        Assert.Equal("", (string?)said["text"]);
        var answer = (await Ask("\"prompt\":[60,61,62],\"max_tokens\":6,\"logprobs\":1,\"seed\":3,\"stop_token_ids\":[]"))["choices"]![0]!["logprobs"]!;
        var whole = string.Concat(Strings(answer["tokens"]!));
        int[] prompt = [60, 61, 62];
        var ids = Strings(answer["tokens"]!).Select(token => Enumerable.Range(0, TinyModel.Tokenizer.VocabularySize).First(id => Name(id) == token)).ToArray();
        var again = (await Ask($"\"prompt\":[{string.Join(',', prompt.Concat(ids))}],\"max_tokens\":0,\"echo\":true,\"logprobs\":1"))["choices"]![0]!["logprobs"]!;
        Assert.Equal(answer["token_logprobs"]!.ToJsonString(), new JsonArray([.. again["token_logprobs"]!.AsArray().Skip(3).Select(number => number!.DeepClone())]).ToJsonString());
        Assert.NotEmpty(whole);
    }

    [Fact]
    public async Task A_streamed_echo_comes_first()
    {
        var pieces = await server.StreamAsync("/v1/completions", """{"model":"tiny","prompt":"the cat","echo":true,"max_tokens":4,"n":2,"logprobs":0,"stream":true,"seed":1}""");
        var choices = pieces.SelectMany(piece => piece["choices"]!.AsArray()).ToLookup(choice => (int)choice!["index"]!);
        var whole = (await Ask("\"prompt\":\"the cat\",\"echo\":true,\"max_tokens\":4,\"n\":2,\"logprobs\":0,\"seed\":1"))["choices"]!;
        for (var i = 0; i < 2; i++)
        {
            Assert.Equal("the cat", (string?)choices[i].First()!["text"]);
            Assert.Equal((string?)whole[i]!["text"], string.Concat(choices[i].Select(choice => (string?)choice!["text"])));
            Assert.Equal(
                whole[i]!["logprobs"]!["text_offset"]!.AsArray().Select(at => (int)at!),
                choices[i].SelectMany(choice => choice!["logprobs"]?["text_offset"]?.AsArray() ?? []).Select(at => (int)at!));
        }
    }

    [Fact]
    public async Task The_best_of_several_is_the_likeliest()
    {
        var all = (await Ask("\"prompt\":\"the\",\"n\":6,\"max_tokens\":5,\"logprobs\":0,\"seed\":9"))["choices"]!.AsArray();
        var best = await Ask("\"prompt\":\"the\",\"n\":2,\"best_of\":6,\"max_tokens\":5,\"seed\":9");
        var expected = all.OrderByDescending(choice => choice!["logprobs"]!["token_logprobs"]!.AsArray().Select(number => (double)(float)number!).DefaultIfEmpty(double.NegativeInfinity).Average()).Take(2);
        Assert.Equal(expected.Select(choice => (string?)choice!["text"]), best["choices"]!.AsArray().Select(choice => (string?)choice!["text"]));
        Assert.All(best["choices"]!.AsArray(), choice => Assert.Null(choice!["logprobs"]));
        Assert.InRange((int)best["usage"]!["completion_tokens"]!, 6, 30);
    }

    [Fact]
    public async Task Bytes_that_are_no_character_are_named()
    {
        var id = TinyModel.Tokenizer.Encode("é")[0];
        var tokens = (await Ask($"\"prompt\":[{id},60],\"max_tokens\":0,\"echo\":true,\"logprobs\":0"))["choices"]![0]!["logprobs"]!["tokens"]!;
        Assert.Equal("bytes:\\xc3", (string?)tokens[0]);
    }

    [Theory]
    [InlineData("\"prompt\":\"a\",\"logprobs\":true", "logprobs")]
    [InlineData("\"prompt\":\"a\",\"max_completion_tokens\":5", "max_completion_tokens")]
    [InlineData("\"prompt\":\"a\",\"n\":2,\"best_of\":1", "best_of")]
    [InlineData("\"prompt\":[99999]", "prompt")]
    public async Task A_bad_parameter_is_named(string parameters, string name)
    {
        var (status, body) = await server.Server.PostAsync("/v1/completions", $$"""{"model":"tiny",{{parameters}}}""");
        Assert.Equal((400, name), (status, (string?)body["error"]!["param"]));
    }

    private static string Name(int id)
    {
        var text = TinyModel.Tokenizer.Special.TextOf(id) ?? TinyModel.Tokenizer.DecodeText([id]);
        return text.Contains('\uFFFD', StringComparison.Ordinal) ? "bytes:\\x" + Convert.ToHexStringLower(TinyModel.Tokenizer.TokenBytes(id)) : text;
    }

    private static IEnumerable<string> Strings(JsonNode array) => array.AsArray().Select(item => (string)item!);

    private async Task<JsonNode> Ask(string parameters)
    {
        var (status, body) = await server.Server.PostAsync("/v1/completions", $$"""{"model":"tiny",{{parameters}}}""");
        Assert.Equal(200, status);
        return body;
    }
}
