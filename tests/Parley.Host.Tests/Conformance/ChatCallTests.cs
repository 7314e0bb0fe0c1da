using System.Text.Json.Nodes;
using OpenAI.Chat;

#pragma warning disable OPENAI001 // Seed is marked as experimental in the client.

namespace Parley.Host.Tests.Conformance;

/// <summary>Every field of a chat completion that is not about tools, as the official client sends and reads it.</summary>
[Collection(ConformanceSuite.Name)]
public sealed class ChatCallTests(ConformanceServer server)
{
    private const string Cat = """[{"role":"user","content":"the cat"}]""";

    private static ChatMessage[] TheCat => [new UserChatMessage("the cat")];

    [Fact]
    public async Task A_stop_across_tokens_is_never_shown()
    {
        ChatCompletion answer = await server.Reciting.CompleteChatAsync([new UserChatMessage("STOPS")], new() { StopSequences = { "STOP", "xyz" } });
        Assert.Equal(("one ", ChatFinishReason.Stop, 4), (answer.Content[0].Text, answer.FinishReason, answer.Usage.OutputTokenCount));
        ChatCompletion other = await server.Reciting.CompleteChatAsync([new UserChatMessage("STOPS")], new() { StopSequences = { "STOPS" } });
        Assert.Equal("one STOP two", other.Content[0].Text);
    }

    [Fact]
    public async Task A_streamed_stop_leaks_neither_in_text_nor_in_log_probabilities()
    {
        var (text, tokens) = ("", new List<string>());
        var options = new ChatCompletionOptions { StopSequences = { "STOP" }, IncludeLogProbabilities = true };
        await foreach (var piece in server.Reciting.CompleteChatStreamingAsync([new UserChatMessage("STOPS")], options))
        {
            text += string.Concat(piece.ContentUpdate.Select(part => part.Text));
            tokens.AddRange(piece.ContentTokenLogProbabilities.Select(token => token.Token));
        }

        Assert.Equal("one ", text);
        Assert.Equal(["one "], tokens);
    }

    [Fact]
    public async Task A_stop_token_ends_the_answer_and_is_no_text()
    {
        var free = await server.CompleteAsync("tiny", Cat, "\"temperature\":0,\"max_tokens\":6,\"logprobs\":true");
        var tokens = free["choices"]![0]!["logprobs"]!["content"]!.AsArray().Select(token => (string)token!["token"]!).ToArray();
        var id = Enumerable.Range(0, TinyModel.Tokenizer.VocabularySize).First(id => TinyModel.Tokenizer.DecodeText([id]) == tokens[2]);
        var cut = await server.CompleteAsync("tiny", Cat, $"\"temperature\":0,\"max_tokens\":6,\"stop_token_ids\":[{id}]");
        var first = Array.IndexOf(tokens, tokens[2]);
        Assert.Equal((string.Concat(tokens[..first]), "stop"), ((string?)cut["choices"]![0]!["message"]!["content"], (string?)cut["choices"]![0]!["finish_reason"]));
        Assert.Equal(first + 1, (int)cut["usage"]!["completion_tokens"]!);
    }

    [Fact]
    public async Task The_limit_is_named_in_either_way_and_ends_with_length()
    {
        ChatCompletion answer = await server.Reciting.CompleteChatAsync([new UserChatMessage("HELLO")], new() { MaxOutputTokenCount = 3 });
        Assert.Equal(("Hello, ", ChatFinishReason.Length, 3), (answer.Content[0].Text, answer.FinishReason, answer.Usage.OutputTokenCount));
        var older = await server.CompleteAsync("reciter", """[{"role":"user","content":"HELLO"}]""", "\"max_tokens\":3");
        Assert.Equal(("Hello, ", "length"), ((string?)older["choices"]![0]!["message"]!["content"], (string?)older["choices"]![0]!["finish_reason"]));
    }

    [Fact]
    public async Task An_answer_that_ends_by_itself_ends_with_stop()
    {
        ChatCompletion answer = await server.Reciting.CompleteChatAsync([new UserChatMessage("HELLO")]);
        Assert.Equal(("Hello, world!", ChatFinishReason.Stop), (answer.Content[0].Text, answer.FinishReason));
    }

    [Fact]
    public async Task Temperature_0_is_the_likeliest_token_whatever_the_seed()
    {
        async Task<string[]> Ask(int seed) => [.. ((ChatCompletion)await server.Tiny.CompleteChatAsync(
            TheCat, new() { Temperature = 0, Seed = seed, MaxOutputTokenCount = 8, IncludeLogProbabilities = true, TopLogProbabilityCount = 1 }))
            .ContentTokenLogProbabilities.Select(token => token.LogProbability.Equals(token.TopLogProbabilities[0].LogProbability) ? token.Token : "not the likeliest")];
        var one = await Ask(1);
        Assert.Equal(one, await Ask(2));
        Assert.DoesNotContain("not the likeliest", one);
    }

    [Fact]
    public async Task Seeds_repeat_and_differ()
    {
        async Task<string> Ask(long seed) => Text(await server.Tiny.CompleteChatAsync(TheCat, new() { Seed = seed, MaxOutputTokenCount = 20 }));
        Assert.Equal(await Ask(5), await Ask(5));
        Assert.NotEqual(await Ask(5), await Ask(6));
    }

    [Fact]
    public async Task A_bias_of_100_forces_and_of_minus_100_bans()
    {
        var id = TinyModel.Tokenizer.Encode("x")[0];
        ChatCompletion forced = await server.Tiny.CompleteChatAsync(TheCat, new() { LogitBiases = { [id] = 100 }, MaxOutputTokenCount = 5 });
        Assert.Equal("xxxxx", forced.Content[0].Text);
        var greedy = Text(await server.Tiny.CompleteChatAsync(TheCat, new() { Temperature = 0, MaxOutputTokenCount = 1 }));
        var banned = TinyModel.Tokenizer.Encode(greedy)[0];
        ChatCompletion other = await server.Tiny.CompleteChatAsync(TheCat, new() { Temperature = 0, MaxOutputTokenCount = 1, LogitBiases = { [banned] = -100 } });
        Assert.NotEqual(greedy, Text(other));
    }

    [Fact]
    public async Task A_presence_penalty_keeps_a_forced_token_from_coming_again()
    {
        var ids = TinyModel.Tokenizer.Encode("x").Concat(TinyModel.Tokenizer.Encode("y")).ToArray();
        var options = new ChatCompletionOptions { Temperature = 0, MaxOutputTokenCount = 2, PresencePenalty = 2, LogitBiases = { [ids[0]] = 51, [ids[1]] = 50 } };
        Assert.Equal("xy", Text(await server.Tiny.CompleteChatAsync(TheCat, options)));
        options.PresencePenalty = 0;
        Assert.Equal("xx", Text(await server.Tiny.CompleteChatAsync(TheCat, options)));
        options.FrequencyPenalty = 2;
        Assert.Equal("xy", Text(await server.Tiny.CompleteChatAsync(TheCat, options)));
    }

    [Theory]
    [InlineData("\"top_k\":1")]
    [InlineData("\"min_p\":0.9999")]
    [InlineData("\"top_p\":0.00001")]
    [InlineData("\"top_p\":0")]
    [InlineData("\"temperature\":0.000001")]
    public async Task What_leaves_one_token_is_argmax(string sampling)
    {
        var greedy = await server.CompleteAsync("tiny", Cat, "\"temperature\":0,\"max_tokens\":8");
        var narrow = await server.CompleteAsync("tiny", Cat, $"{sampling},\"max_tokens\":8,\"seed\":7");
        Assert.Equal((string?)greedy["choices"]![0]!["message"]!["content"], (string?)narrow["choices"]![0]!["message"]!["content"]);
    }

    [Fact]
    public async Task A_repetition_penalty_changes_what_comes_again()
    {
        var plain = await server.CompleteAsync("tiny", Cat, "\"temperature\":0,\"max_tokens\":24");
        var penalized = await server.CompleteAsync("tiny", Cat, "\"temperature\":0,\"max_tokens\":24,\"repetition_penalty\":50");
        Assert.NotEqual((string?)plain["choices"]![0]!["message"]!["content"], (string?)penalized["choices"]![0]!["message"]!["content"]);
    }

    [Fact]
    public async Task Several_choices_are_told_apart()
    {
        var answer = await server.CompleteAsync("tiny", Cat, "\"n\":3,\"max_tokens\":12,\"seed\":1");
        var choices = answer["choices"]!.AsArray();
        Assert.Equal([0, 1, 2], choices.Select(choice => (int)choice!["index"]!));
        Assert.Equal(3, choices.Select(choice => (string)choice!["message"]!["content"]!).Distinct().Count());
        Assert.InRange((int)answer["usage"]!["completion_tokens"]!, 3, 36);
        var pieces = await server.StreamAsync("/v1/chat/completions", $$"""{"model":"tiny","messages":{{Cat}},"n":3,"max_tokens":12,"seed":1,"stream":true}""");
        var streamed = pieces.SelectMany(piece => piece["choices"]!.AsArray()).ToLookup(choice => (int)choice!["index"]!, choice => (string?)choice!["delta"]!["content"]);
        Assert.Equal(choices.Select(choice => (string)choice!["message"]!["content"]!), new[] { 0, 1, 2 }.Select(index => string.Concat(streamed[index])));
    }

    [Fact]
    public async Task Log_probabilities_spell_the_text_in_bytes()
    {
        ChatCompletion answer = await server.Reciting.CompleteChatAsync(
            [new UserChatMessage("EMOJI")], new() { IncludeLogProbabilities = true, TopLogProbabilityCount = 2 });
        Assert.Equal("café 😀!", answer.Content[0].Text);
        var bytes = answer.ContentTokenLogProbabilities.SelectMany(token => token.Utf8Bytes!.Value.ToArray()).ToArray();
        Assert.Equal("café 😀!"u8.ToArray(), bytes);
        Assert.Equal(["caf", "\\xc3", "\\xa9", " ", "\\xf0\\x9f", "\\x98", "\\x80", "!"], answer.ContentTokenLogProbabilities.Select(token => token.Token));
        Assert.All(answer.ContentTokenLogProbabilities, token => Assert.Equal(2, token.TopLogProbabilities.Count));
        Assert.All(answer.ContentTokenLogProbabilities, token => Assert.Equal(0, token.LogProbability, 0.01f));
    }

    [Fact]
    public async Task Half_a_character_waits_in_a_stream_and_a_broken_one_is_replaced_once()
    {
        var pieces = new List<string>();
        await foreach (var piece in server.Reciting.CompleteChatStreamingAsync([new UserChatMessage("EMOJI")]))
        {
            pieces.AddRange(piece.ContentUpdate.Select(part => part.Text));
        }

        Assert.Equal(["", "caf", "é", " ", "😀", "!"], pieces);
        Assert.Equal("a\uFFFDb\uFFFD\uFFFDc", Text(await server.Reciting.CompleteChatAsync([new UserChatMessage("BROKEN")])));
    }

    [Fact]
    public async Task A_control_token_is_never_text()
    {
        ChatCompletion answer = await server.Reciting.CompleteChatAsync([new UserChatMessage("CONTROL")], new() { MaxOutputTokenCount = 3 });
        Assert.Equal(("x", 3), (answer.Content[0].Text, answer.Usage.OutputTokenCount));
    }

    [Fact]
    public async Task Thoughts_have_a_field_of_their_own()
    {
        var answer = await server.CompleteAsync("reciter", """[{"role":"user","content":"THINK"}]""", "\"logprobs\":true");
        var message = answer["choices"]![0]!["message"]!;
        Assert.Equal(("Two and two.", "Four."), ((string?)message["reasoning_content"], (string?)message["content"]));
        Assert.Equal((8, 5), ((int)answer["usage"]!["completion_tokens"]!, (int)answer["usage"]!["completion_tokens_details"]!["reasoning_tokens"]!));
        Assert.Equal(["Fo", "ur."], answer["choices"]![0]!["logprobs"]!["content"]!.AsArray().Select(token => (string?)token!["token"]));
        ChatCompletion typed = await server.Reciting.CompleteChatAsync([new UserChatMessage("THINK")]);
        Assert.Equal(("Four.", 5), (typed.Content[0].Text, typed.Usage.OutputTokenDetails.ReasoningTokenCount));
    }

    [Fact]
    public async Task Streamed_thoughts_never_leak_into_the_content()
    {
        var pieces = await server.StreamAsync("/v1/chat/completions", """{"model":"reciter","messages":[{"role":"user","content":"THINK"}],"stream":true}""");
        var deltas = pieces.Select(piece => piece["choices"]![0]!["delta"]!).ToArray();
        Assert.Equal("Two and two.", string.Concat(deltas.Select(delta => (string?)delta["reasoning_content"])));
        Assert.Equal("Four.", string.Concat(deltas.Select(delta => (string?)delta["content"])));
        Assert.DoesNotContain(deltas, delta => delta.ToJsonString().Contains("think", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Stops_are_looked_for_in_the_words_not_in_the_thoughts() => Assert.Equal(
        "Four.", Text(await server.Reciting.CompleteChatAsync([new UserChatMessage("THINK")], new() { StopSequences = { "Two", "\n" } })));

    [Fact]
    public async Task What_the_cache_held_is_told()
    {
        ChatMessage[] messages = [new UserChatMessage(new string('a', 80))];
        ChatCompletion first = await server.Tiny.CompleteChatAsync(messages, new ChatCompletionOptions { MaxOutputTokenCount = 2 });
        ChatCompletion second = await server.Tiny.CompleteChatAsync(messages, new ChatCompletionOptions { MaxOutputTokenCount = 2 });
        Assert.Equal(first.Usage.InputTokenCount, second.Usage.InputTokenCount);
        Assert.InRange(second.Usage.InputTokenDetails.CachedTokenCount, 64, second.Usage.InputTokenCount - 1);
    }

    [Fact]
    public async Task Usage_closes_a_stream_that_asks_for_it_and_no_other()
    {
        const string body = """{"model":"reciter","messages":[{"role":"user","content":"HELLO"}],"stream":true""";
        var with = await server.StreamAsync("/v1/chat/completions", body + ""","stream_options":{"include_usage":true}}""");
        Assert.Equal((0, 7), (with[^1]["choices"]!.AsArray().Count, (int)with[^1]["usage"]!["completion_tokens"]!));
        Assert.All(with[..^1], piece => Assert.Null(piece["usage"]));
        var without = await server.StreamAsync("/v1/chat/completions", body + "}");
        Assert.All(without, piece => Assert.Null(piece["usage"]));
    }

    [Fact]
    public async Task A_variable_of_the_template_is_passed_on() =>
        Assert.Equal("Hello, world!", (string?)(await server.CompleteAsync("reciter", """[{"role":"user","content":"HELLO"}]""", "\"chat_template_kwargs\":{\"enable_thinking\":false}"))["choices"]![0]!["message"]!["content"]);

    [Fact]
    public async Task Answers_of_one_model_version_have_one_fingerprint()
    {
        ChatCompletion one = await server.Reciting.CompleteChatAsync([new UserChatMessage("HELLO")]);
        ChatCompletion two = await server.Reciting.CompleteChatAsync([new UserChatMessage("STOPS")]);
        ChatCompletion other = await server.Tiny.CompleteChatAsync(TheCat, new ChatCompletionOptions { MaxOutputTokenCount = 1 });
        Assert.Equal(one.SystemFingerprint, two.SystemFingerprint);
        Assert.NotEqual(one.SystemFingerprint, other.SystemFingerprint);
        Assert.NotEqual(one.Id, two.Id);
    }

    [Theory]
    [InlineData("\"temperature\":3", "temperature")]
    [InlineData("\"n\":200", "n")]
    [InlineData("\"top_logprobs\":21,\"logprobs\":true", "top_logprobs")]
    [InlineData("\"logit_bias\":{\"99999\":1}", "logit_bias")]
    [InlineData("\"stop_token_ids\":[99999]", "stop_token_ids")]
    [InlineData("\"max_tokens\":3000", "max_tokens")]
    [InlineData("\"min_p\":1", "min_p")]
    [InlineData("\"top_k\":-1", "top_k")]
    [InlineData("\"repetition_penalty\":0", "repetition_penalty")]
    [InlineData("\"frequency_penalty\":-3", "frequency_penalty")]
    [InlineData("\"echo\":true", "echo")]
    [InlineData("\"modalities\":[\"audio\"]", "modalities")]
    [InlineData("\"prediction\":{}", "prediction")]
    [InlineData("\"tools\":[{\"type\":\"web_search\"}]", "tools[0].type")]
    public async Task What_is_not_supported_is_named(string parameter, string name)
    {
        var error = await server.RefusedAsync("tiny", Cat, parameter);
        Assert.Equal((name, "invalid_request_error"), ((string?)error["param"], (string?)error["type"]));
    }

    private static string Text(ChatCompletion answer) => string.Concat(answer.Content.Select(part => part.Text));
}
