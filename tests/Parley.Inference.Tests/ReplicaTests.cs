using Parley.Protocol.Errors;
using Parley.Protocol.Generation;
using Parley.Tensors;
using Parley.Text;

namespace Parley.Inference.Tests;

/// <summary>A whole request through a replica: the order of events, exact usage, every way to end, every way to be refused.</summary>
public sealed class ReplicaTests() : TinyReplica(runs: false)
{
    [Fact]
    public async Task EventsComeInProtocolsOrderWithExactUsage()
    {
        var events = await Read(Request("a bit of text"));
        Assert.Equal(Enumerable.Range(1, events.Count).Select(i => (long)i), events.Select(entry => entry.Sequence));
        Assert.Equal((GenerationEventKind.Started, Model.Decoder.WeightsId, new Usage(13, 0)), (events[0].Kind, events[0].ModelVersion, events[0].Usage));
        Assert.All(events.ToArray()[1..^2], entry => Assert.Equal(GenerationEventKind.Delta, entry.Kind));
        Assert.Equal((GenerationEventKind.Finished, FinishReason.Length), (events[^2].Kind, events[^2].FinishReason));
        Assert.Equal((GenerationEventKind.Completed, new Usage(13, 20)), (events[^1].Kind, events[^1].Usage));
        Assert.Equal(20, Tokens(events).Length);
    }

    [Fact]
    public async Task TheTextIsTheTokensText()
    {
        var events = await Read(Request("a bit of text", seed: 3));
        Assert.Equal(Model.Tokenizer.DecodeText(Ordinary(Tokens(events))).TrimEnd('\uFFFD'), Text(events).TrimEnd('\uFFFD'));
    }

    [Fact]
    public async Task MessagesGoThroughTheTemplateAndEndAtTheEndOfTheTurn()
    {
        var messages = new GenerationInput.Chat([new(MessageRole.System, "be kind"), new(MessageRole.User, "hi")]);
        var rendered = Model.Template!.Render([new("system", "be kind"), new("user", "hi")], addGenerationPrompt: true).Tokens;
        for (ulong seed = 1; seed < 60; seed++)
        {
            var events = await Read(Request("") with { Input = messages, Sampling = new() { Seed = seed } });
            Assert.Equal(rendered.Length, events[0].Usage!.PromptTokens);
            if (events[^2].FinishReason == FinishReason.Stop)
            {
                Assert.Contains(Tokens(events)[^1], Model.EndTokens);
                Assert.Equal(Tokens(events).Length, events[^1].Usage!.OutputTokens);
                Assert.DoesNotContain("<|", Text(events), StringComparison.Ordinal);
                return;
            }
        }

        Assert.Fail("No seed met an end token.");
    }

    [Fact]
    public async Task AStopStringEndsTheAnswerBeforeItAndTheEngineWithIt()
    {
        var request = Request("tell me");
        var text = Text(await Read(request));
        var stop = text[6..9];
        var events = await Read(request with { Stop = [stop] });
        Assert.Equal(text[..text.IndexOf(stop, StringComparison.Ordinal)], Text(events));
        Assert.Equal(FinishReason.Stop, events[^2].FinishReason);
        Assert.Equal(Tokens(events).Length, events[^1].Usage!.OutputTokens);
        Assert.True(Tokens(events).Length < 20);
        Engine.Step();
        Assert.Equal(0, Engine.State.Blocks.Used);
    }

    [Fact]
    public async Task ChoicesDifferAndEachEqualsItself()
    {
        var request = Request("three wishes") with { Choices = 3 };
        var together = await Read(request);
        Assert.Equal([0, 1, 2], together.Where(entry => entry.Kind == GenerationEventKind.Finished).Select(entry => entry.Choice));
        Assert.Equal(new Usage(12, Tokens(together).Length), together[^1].Usage);
        var answers = Enumerable.Range(0, 3).Select(choice => Tokens([.. together.Where(entry => entry.Choice == choice)])).ToArray();
        Assert.Equal(Tokens(await Read(request with { Choices = 1 })), answers[0]);
        Assert.NotEqual(answers[0], answers[1]);
        Assert.NotEqual(answers[1], answers[2]);
    }

    [Fact]
    public async Task CancellingFinishesWithTheExactUsage()
    {
        using var cancellation = new CancellationTokenSource();
        await using var events = Replica.Generate(Request("go on"), cancellation.Token).GetAsyncEnumerator(CancellationToken.None);
        var seen = new List<GenerationEvent>();
        async Task Next(bool step)
        {
            var moved = events.MoveNextAsync();
            if (step)
            {
                Engine.Step();
            }

            Assert.True(await moved);
            seen.Add(events.Current);
        }

        await Next(step: false);
        await Next(step: true);
        await Next(step: true);
        Engine.Step(); // a token that the reader has not seen when it leaves, and pays for
        await cancellation.CancelAsync();
        Engine.Step();
        Assert.Equal(0, Engine.State.Blocks.Used);
        await Next(step: false);
        await Next(step: false);
        await Next(step: false);
        Assert.False(await events.MoveNextAsync());
        Assert.Equal(3, Tokens(seen).Length);
        Assert.Equal(FinishReason.Cancelled, seen[^2].FinishReason);
        Assert.Equal(new Usage(5, 3), seen[^1].Usage);
    }

    [Fact]
    public async Task AReaderThatLeavesFreesTheBlocks()
    {
        var events = Replica.Generate(Request("go on")).GetAsyncEnumerator();
        await events.MoveNextAsync();
        Engine.Step();
        Assert.Equal(1, Engine.State.Blocks.Used);
        await events.DisposeAsync();
        Engine.Step();
        Assert.Equal(0, Engine.State.Blocks.Used);
    }

    [Fact]
    public async Task AnInterruptedAnswerContinuesAsIfNothingHadHappened()
    {
        var request = Request("once upon", seed: 4) with { Sampling = new() { Seed = 4, TopP = 0.9f, FrequencyPenalty = 0.4f } };
        var whole = await Read(request);
        var deltas = whole.Where(entry => entry.Kind == GenerationEventKind.Delta).ToArray();
        for (var cut = 1; cut <= deltas.Length; cut++)
        {
            var shown = Text(deltas[..cut]);
            var rest = await Read(request with { ResumeFrom = Tokens(deltas[..cut]), ResumeTextLength = shown.Length });
            Assert.Equal(Text(whole), shown + Text(rest));
            Assert.Equal(Tokens(whole), Tokens([.. deltas[..cut], .. rest]));
            Assert.Equal(whole[^2].FinishReason, rest[^2].FinishReason);
            Assert.Equal((9, deltas.Length - cut), (rest[^1].Usage!.PromptTokens, rest[^1].Usage!.OutputTokens));
        }
    }

    [Fact]
    public async Task LogProbabilitiesComeWithTextAndAlternatives()
    {
        var events = await Read(Request("odds") with { TopLogProbabilities = 2, Sampling = new() { Seed = 1, Temperature = 0 } });
        var deltas = events.Where(entry => entry.Kind == GenerationEventKind.Delta).ToArray();
        var entries = deltas.SelectMany(delta => delta.LogProbabilities ?? []).ToArray();
        Assert.Equal(deltas.SelectMany(delta => delta.TokenIds), entries.Select(entry => entry.TokenId));
        Assert.All(entries, entry => Assert.Equal((2, entry.LogProbability), (entry.Top.Count, entry.Top[0].LogProbability)));
        Assert.All(entries, entry => Assert.Equal(entry.TokenId < Model.Tokenizer.VocabularySize ? Model.Tokenizer.TokenBytes(entry.TokenId).ToArray() : null, entry.Bytes));
        Assert.All(deltas, delta => Assert.True(delta.LogProbabilities is null || delta.Text.Length > 0)); // half a character waits for the other
        Assert.Null((await Read(Request("odds")))[1].LogProbabilities);
    }

    [Fact]
    public async Task AnEmptyTextStartsFromTheDocumentToken() => Assert.Equal(1, (await Read(Request("")))[0].Usage!.PromptTokens);

    [Fact]
    public async Task RefusalsNameTheParameter()
    {
        var request = Request("x");
        var letters = new string('a', 96);
        await Refused(request with { Model = "other" }, 404, "model", "tiny");
        await Refused(request with { Input = new GenerationInput.Text(letters) }, 400, "prompt", "96");
        await Refused(request with { Input = new GenerationInput.Tokens([.. new int[200]]) }, 400, "prompt", "200");
        await Refused(request with { Input = new GenerationInput.Chat([new(MessageRole.User, letters)]) }, 400, "messages", "96");
        await Refused(request with { Input = new GenerationInput.Chat([]) }, 400, "messages", "empty");
        await Refused(request with { Input = new GenerationInput.Tokens([3, 67]) }, 400, "prompt", "67");
        await Refused(request with { Input = new GenerationInput.Tokens([-1]) }, 400, "prompt", "-1");
        await Refused(request with { Choices = 0 }, 400, "n", "0");
        await Refused(request with { MaxOutputTokens = 96 }, 400, "max_tokens", "together 97");
        await Refused(request with { MaxOutputTokens = int.MaxValue }, 400, "max_tokens", "lower max_tokens to 95");
        await Refused(request with { Priority = 101 }, 400, "priority", "101");
        await Refused(request with { MaxOutputTokens = -1 }, 400, "max_tokens", "-1");
        await Refused(request with { Stop = [""] }, 400, "stop", "empty");
        await Refused(request with { StopTokenIds = [500] }, 400, "stop_token_ids", "500");
        await Refused(request with { ResumeFrom = [1], Choices = 2 }, 400, "n", "one choice");
        await Refused(request with { Adapter = "x" }, 400, "adapter", "x");
        await Refused(request with { Sampling = new() { Seed = 1, Temperature = float.NaN } }, 400, "temperature", "between 0 and 2");
        await Refused(request with { Sampling = new() { Seed = 1, TopP = 0 } }, 400, "top_p", "above 0");
        await Refused(request with { Sampling = new() { Seed = 1, MinP = 1 } }, 400, "min_p", "below 1");
    }

    [Fact]
    public void TheModelIsDescribed() =>
        Assert.Equal(new ModelDescription("tiny", Model.Decoder.WeightsId, 96, TinyModel.Config.ParameterCount, 0), Replica.Models.Single());

    private async Task Refused(GenerationRequest request, int status, string param, string part)
    {
        var error = await Assert.ThrowsAsync<ParleyException>(async () => await Replica.Generate(request).GetAsyncEnumerator().MoveNextAsync());
        Assert.Equal((status, param), (error.Status, error.Error.Param));
        Assert.Contains(part, error.Message, StringComparison.Ordinal);
    }

    private static GenerationRequest Request(string text, ulong seed = 1) => new()
    {
        Model = "tiny",
        Input = new GenerationInput.Text(text),
        Sampling = new SamplingParams { Seed = seed },
        MaxOutputTokens = 20,
    };

    // Steps the engine whenever the reader would wait.
    private async Task<IReadOnlyList<GenerationEvent>> Read(GenerationRequest request)
    {
        var seen = new List<GenerationEvent>();
        await using var events = Replica.Generate(request).GetAsyncEnumerator();
        while (true)
        {
            var next = events.MoveNextAsync();
            while (!next.IsCompleted && Engine.Step())
            {
            }

            if (!await next)
            {
                return seen;
            }

            seen.Add(events.Current);
        }
    }

    private static int[] Tokens(IReadOnlyList<GenerationEvent> events) => [.. events.SelectMany(entry => entry.TokenIds)];

    private static string Text(IReadOnlyList<GenerationEvent> events) => string.Concat(events.Select(entry => entry.Text));

    private int[] Ordinary(int[] tokens) => [.. tokens.Where(token => token < Model.Tokenizer.VocabularySize && !Model.EndTokens.Contains(token))];
}
