using OpenAI.Chat;
using Parley.Inference;
using Parley.Testing;

namespace Parley.Host.Tests;

/// <summary>The whole way from the official client to an engine and back, with a tiny model of random weights.</summary>
public sealed class RealModelTests : IAsyncLifetime
{
    private readonly LoadedModel _model = TinyModel.Create(contextLength: 128);
    private readonly ModelServer _models;

    public RealModelTests() => _models = new ModelServer().With(_model);

    private TestServer Server => _models.Server;

    private Replica Replica => _models.Replicas[0];

    private ChatClient Chat => Server.Client().GetChatClient("tiny");

    public ValueTask InitializeAsync() => _models.StartAsync();

    public ValueTask DisposeAsync() => _models.DisposeAsync();

    [Fact]
    public async Task Equal_seeds_give_equal_answers_in_one_piece_or_many_and_the_ledger_says_what_usage_says()
    {
#pragma warning disable OPENAI001 // Seed is marked as experimental in the client.
        ChatCompletionOptions Options() => new() { Seed = 42, MaxOutputTokenCount = 20 };
#pragma warning restore OPENAI001
        ChatMessage[] hello = [new UserChatMessage("the cat")];
        ChatCompletion whole = await Chat.CompleteChatAsync(hello, Options());
        var text = "";
        ChatTokenUsage? usage = null;
        await foreach (var piece in Chat.CompleteChatStreamingAsync(hello, Options()))
        {
            text += string.Concat(piece.ContentUpdate.Select(part => part.Text));
            usage = piece.Usage ?? usage;
        }

        Assert.Equal(whole.Content.Count > 0 ? whole.Content[0].Text : "", text);
        Assert.Equal((whole.Usage.InputTokenCount, whole.Usage.OutputTokenCount), (usage!.InputTokenCount, usage.OutputTokenCount));
        var entries = await Server.EntriesAsync(2);
        Assert.All(entries, entry => Assert.Equal(
            (usage.InputTokenCount, usage.OutputTokenCount, _model.Decoder.WeightsId), (entry.PromptTokens, entry.OutputTokens, entry.ModelVersion)));
    }

    [Fact]
    public async Task Hanging_up_frees_the_engine_and_settles_what_it_produced()
    {
        using var hangUp = new CancellationTokenSource();
        var before = Replica.Engine.Metrics.GenerationTokens;
        try
        {
            await foreach (var _ in Chat.CompleteChatStreamingAsync([new UserChatMessage("the cat")], new() { MaxOutputTokenCount = 90 }, hangUp.Token))
            {
                await hangUp.CancelAsync();
            }
        }
        catch (OperationCanceledException)
        {
            // What hanging up looks like to the client.
        }

        var entry = Assert.Single(await Server.EntriesAsync(1));
        Assert.Contains(entry.Outcome, new[] { "cancelled", "completed" });
        while (Replica.Engine.Metrics.Running > 0)
        {
            await Task.Yield();
        }

        Assert.InRange(Replica.Engine.Metrics.GenerationTokens - before, entry.OutputTokens, entry.OutputTokens + 1);
    }

    [Fact]
    public async Task A_prompt_longer_than_the_context_is_refused_with_the_numbers()
    {
        var (status, body) = await Server.PostAsync("/v1/completions", $$"""{"model":"tiny","prompt":"{{string.Concat(Enumerable.Repeat("rat cat ", 200))}}"}""");
        Assert.Equal((400, "context_length_exceeded"), (status, (string?)body["error"]!["code"]));
        Assert.Empty(await Server.Ledger.ReadAsync("local", 1));
    }

    [Fact]
    public async Task Log_probabilities_come_with_their_alternatives()
    {
        // Of an untrained model's answers one in fifty has a control token in its middle, which is counted and has no text either: hence the seed.
#pragma warning disable OPENAI001 // Seed is marked as experimental in the client.
        var options = new ChatCompletionOptions { Seed = 42, IncludeLogProbabilities = true, TopLogProbabilityCount = 3, MaxOutputTokenCount = 5 };
#pragma warning restore OPENAI001
        ChatCompletion answer = await Chat.CompleteChatAsync([new UserChatMessage("the cat")], options);
        var ends = answer.FinishReason == ChatFinishReason.Stop ? 1 : 0; // the end token is counted and has no text
        Assert.Equal(answer.Usage.OutputTokenCount - ends, answer.ContentTokenLogProbabilities.Count);
        Assert.All(answer.ContentTokenLogProbabilities, token => Assert.Equal(3, token.TopLogProbabilities.Count));
        Assert.All(answer.ContentTokenLogProbabilities, token => Assert.InRange(token.LogProbability, -100, 0));
    }

    [Fact]
    public async Task The_engine_reports_under_vllms_names()
    {
        await Chat.CompleteChatAsync([new UserChatMessage("the cat")], new ChatCompletionOptions { MaxOutputTokenCount = 5 });
        var text = await Server.Http.GetStringAsync("/metrics");
        Assert.Contains("# TYPE vllm:generation_tokens_total counter\n", text, StringComparison.Ordinal);
        Assert.Contains("vllm:time_to_first_token_seconds_count{model_name=\"tiny\"} ", text, StringComparison.Ordinal);
    }
}
