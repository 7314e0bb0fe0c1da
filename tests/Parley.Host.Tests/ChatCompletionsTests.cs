using OpenAI.Chat;
using Parley.Protocol.Generation;
using Parley.Testing;

namespace Parley.Host.Tests;

/// <summary>Chat completions as OpenAI's own client sees them.</summary>
public sealed class ChatCompletionsTests
{
    private static readonly ChatMessage[] Hello = [new SystemChatMessage("Be brief."), new UserChatMessage("Hello?")];

    [Fact]
    public async Task An_answer_in_one_piece()
    {
        var replica = new ScriptedReplica("Hel", "lo", "!");
        await using var server = await TestServer.StartAsync(replica);
        ChatCompletion answer = await server.Client().GetChatClient(ScriptedReplica.ModelId).CompleteChatAsync(
            Hello, new ChatCompletionOptions { Temperature = 0.5f, TopP = 0.75f, MaxOutputTokenCount = 50, EndUserId = "someone", StopSequences = { "END" }, FrequencyPenalty = 1 });
        Assert.Equal("Hello!", answer.Content[0].Text);
        Assert.Equal((ChatFinishReason.Stop, ScriptedReplica.ModelId, "fp_v-scripted"), (answer.FinishReason, answer.Model, answer.SystemFingerprint));
        Assert.Equal((7, 3, 10), (answer.Usage.InputTokenCount, answer.Usage.OutputTokenCount, answer.Usage.TotalTokenCount));
        var request = Assert.Single(replica.Requests);
        Assert.Equal($"chatcmpl-{request.Id:N}", answer.Id);
        Assert.Equal((0.5f, 0.75f, 50, 1f), (request.Sampling.Temperature, request.Sampling.TopP, request.MaxOutputTokens!.Value, request.Sampling.FrequencyPenalty));
        Assert.Equal(["END"], request.Stop);
        Assert.Equal("someone", request.Recorded["user"]);
        var chat = Assert.IsType<GenerationInput.Chat>(request.Input);
        Assert.Equal([(MessageRole.System, "Be brief."), (MessageRole.User, "Hello?")], chat.Messages.Select(message => (message.Role, message.PlainText)));
    }

    [Fact]
    public async Task An_answer_in_pieces_ends_with_its_usage()
    {
        await using var server = await TestServer.StartAsync(new ScriptedReplica("Hel", "", "lo"));
        var pieces = new List<StreamingChatCompletionUpdate>();
        await foreach (var piece in server.Client().GetChatClient(ScriptedReplica.ModelId).CompleteChatStreamingAsync(Hello))
        {
            pieces.Add(piece);
        }

        Assert.Equal("Hello", string.Concat(pieces.SelectMany(piece => piece.ContentUpdate).Select(part => part.Text)));
        Assert.Equal(ChatMessageRole.Assistant, pieces[0].Role);
        Assert.Equal(ChatFinishReason.Stop, pieces.Single(piece => piece.FinishReason is not null).FinishReason);
        Assert.Equal((7, 3), (pieces[^1].Usage.InputTokenCount, pieces[^1].Usage.OutputTokenCount));
        Assert.All(pieces[..^1], piece => Assert.Null(piece.Usage));
    }

    [Fact]
    public async Task The_stream_on_the_wire_is_what_clients_expect()
    {
        await using var server = await TestServer.StartAsync(new ScriptedReplica("a"));
        using var answer = await server.Http.PostAsync("/v1/chat/completions", new StringContent(
            """{"model":"scripted","messages":[{"role":"user","content":[{"type":"text","text":"x"}]}],"stream":true,"seed":-1}"""));
        var lines = (await answer.Content.ReadAsStringAsync()).Split("\n\n", StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal("text/event-stream", answer.Content.Headers.ContentType!.MediaType);
        Assert.Equal(4, lines.Length);
        Assert.All(lines, line => Assert.StartsWith("data: ", line, StringComparison.Ordinal));
        Assert.Contains("""{"index":0,"delta":{"role":"assistant","content":""},"logprobs":null,"finish_reason":null}""", lines[0], StringComparison.Ordinal);
        Assert.Contains("\"delta\":{\"content\":\"a\"}", lines[1], StringComparison.Ordinal);
        Assert.Contains("\"delta\":{},\"logprobs\":null,\"finish_reason\":\"stop\"", lines[2], StringComparison.Ordinal);
        Assert.Equal("data: [DONE]", lines[3]);
    }

    [Fact]
    public async Task A_call_without_a_seed_gets_one_and_a_seed_is_kept()
    {
        var replica = new ScriptedReplica("a");
        await using var server = await TestServer.StartAsync(replica);
        const string start = """{"model":"scripted","messages":[{"role":"user","content":"x"}]""";
        await server.PostAsync("/v1/chat/completions", start + "}");
        await server.PostAsync("/v1/chat/completions", start + "}");
        await server.PostAsync("/v1/chat/completions", start + ""","seed":-1,"top_k":5,"min_p":0.1,"repetition_penalty":1.5,"max_tokens":3}""");
        Assert.NotEqual(replica.Requests[0].Sampling.Seed, replica.Requests[1].Sampling.Seed);
        var sampling = replica.Requests[2].Sampling;
        Assert.Equal((ulong.MaxValue, 5, 0.1f, 1.5f), (sampling.Seed, sampling.TopK, sampling.MinP, sampling.RepetitionPenalty));
        Assert.Equal(3, replica.Requests[2].MaxOutputTokens);
    }

    [Fact]
    public async Task A_failure_in_mid_stream_is_an_error_event_and_a_failed_entry()
    {
        await using var server = await TestServer.StartAsync(new ScriptedReplica("a", "b") { Failure = new("It broke; try again.", "server_error") });
        using var answer = await server.Http.PostAsync(
            "/v1/chat/completions", new StringContent("""{"model":"scripted","messages":[{"role":"user","content":"x"}],"stream":true}"""));
        var text = await answer.Content.ReadAsStringAsync();
        Assert.Contains("""data: {"error":{"message":"It broke; try again.","type":"server_error","param":null,"code":null}}""", text, StringComparison.Ordinal);
        Assert.EndsWith("data: [DONE]\n\n", text, StringComparison.Ordinal);
        var entry = Assert.Single(await server.EntriesAsync(1));
        Assert.Equal(("failed", 7, 2), (entry.Outcome, entry.PromptTokens, entry.OutputTokens));
        var (status, body) = await server.PostAsync("/v1/chat/completions", """{"model":"scripted","messages":[{"role":"user","content":"x"}]}""");
        Assert.Equal((500, "It broke; try again."), (status, (string?)body["error"]!["message"]));
    }
}
