using Parley.Protocol.Generation;
using Parley.Tensors;

namespace Parley.Inference.Tests;

/// <summary>
/// An answer that meets a stop string while its caller hangs up: every order of the engine's steps, the reader's reads and the cancellation, one after the
/// other. Nothing sleeps, because the test makes the steps.
/// </summary>
public sealed class StopRaceTests() : TinyReplica(runs: false)
{
    private const int Steps = 20;
    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public async Task AStopAndACancellationInAnyOrderLeakNothingAndEndOnce(int choices)
    {
        var request = Request(choices);
        var whole = await RunAsync(request, cancelAfter: int.MaxValue, readsFirst: true);
        var stop = Text(whole, 0)[6..9]; // comes from three tokens or two
        var stopped = await RunAsync(request with { Stop = [stop] }, cancelAfter: int.MaxValue, readsFirst: true);
        Assert.Equal(FinishReason.Stop, Finish(stopped, 0));
        var reasons = new HashSet<FinishReason?>();
        for (var cancelAfter = 0; cancelAfter <= Steps; cancelAfter++)
        {
            foreach (var readsFirst in (bool[])[true, false])
            {
                var seen = await RunAsync(request with { Stop = [stop] }, cancelAfter, readsFirst);
                for (var choice = 0; choice < choices; choice++)
                {
                    Assert.StartsWith(Text(seen, choice), Text(whole, choice), StringComparison.Ordinal);
                    Assert.DoesNotContain(stop, Text(seen, choice), StringComparison.Ordinal);
                    reasons.Add(Finish(seen, choice));
                    if (Finish(seen, choice) is FinishReason.Stop)
                    {
                        Assert.Equal(Text(stopped, choice), Text(seen, choice));
                    }
                }

                Assert.Equal(seen.Sum(entry => entry.TokenIds.Count), seen[^1].Usage!.OutputTokens);
            }
        }

        Assert.Superset(new HashSet<FinishReason?> { FinishReason.Stop, FinishReason.Cancelled }, reasons);
    }

    [Fact]
    public async Task LogProbabilitiesOfEachChoiceSpellWhatIsShownOfIt()
    {
        var request = Request(choices: 3) with { TopLogProbabilities = 1 };
        var whole = await RunAsync(request, int.MaxValue, readsFirst: true);
        for (var from = 0; from < Text(whole, 0).Length - 3; from++)
        {
            var stop = Text(whole, 0).Substring(from, 3);
            var seen = await RunAsync(request with { Stop = [stop] }, int.MaxValue, readsFirst: true);
            for (var choice = 0; choice < 3; choice++)
            {
                var entries = Of(seen, choice).SelectMany(entry => entry.LogProbabilities ?? []).ToArray();
                var ids = Of(seen, choice).SelectMany(entry => entry.TokenIds).ToArray();
                Assert.Equal(ids[..entries.Length], entries.Select(entry => entry.TokenId)); // in order, none twice, none left out but at the end
                var spelled = string.Concat(entries.Select(entry => entry.Text));
                if (Finish(seen, choice) == FinishReason.Length)
                {
                    Assert.Equal(Text(seen, choice), spelled);
                }
                else
                {
                    // A token that a stop string cuts has no entry: its text is more than what is shown.
                    Assert.StartsWith(spelled, Text(seen, choice), StringComparison.Ordinal);
                    Assert.InRange(Text(seen, choice).Length - spelled.Length, 0, 2);
                }
            }
        }
    }

    [Fact]
    public async Task AStopTokenEndsOneChoiceAndLeavesTheOthers()
    {
        var request = Request(choices: 3) with { TopLogProbabilities = 0 };
        var whole = await RunAsync(request, int.MaxValue, readsFirst: true);
        var ids = Enumerable.Range(0, 3).Select(choice => Of(whole, choice).SelectMany(entry => entry.TokenIds).ToArray()).ToArray();
        var end = ids[1][5];
        var seen = await RunAsync(request with { StopTokenIds = [end] }, int.MaxValue, readsFirst: true);
        for (var choice = 0; choice < 3; choice++)
        {
            var at = Array.IndexOf(ids[choice], end);
            var kept = at < 0 ? ids[choice] : ids[choice][..(at + 1)];
            Assert.Equal(kept, Of(seen, choice).SelectMany(entry => entry.TokenIds));
            Assert.Equal(at < 0 ? FinishReason.Length : FinishReason.Stop, Finish(seen, choice));
            Assert.DoesNotContain(end, Of(seen, choice).SelectMany(entry => entry.LogProbabilities ?? []).Select(entry => entry.TokenId));
        }
    }

    private static GenerationRequest Request(int choices) => new()
    {
        Model = "tiny",
        Input = new GenerationInput.Text("tell me"),
        Sampling = new() { Seed = 1 },
        MaxOutputTokens = Steps - 2,
        Choices = choices,
        StopTokenIds = [],
    };

    /// <summary>
    /// Steps and reads to the end; the caller hangs up after so many steps. Either all that an engine has given is read before the next step, or the engine is
    /// always some steps ahead of its reader. Checks that the engine is empty afterwards, and that each choice ended once.
    /// </summary>
    private async Task<List<GenerationEvent>> RunAsync(GenerationRequest request, int cancelAfter, bool readsFirst)
    {
        using var hangUp = new CancellationTokenSource();
        var seen = new List<GenerationEvent>();
        request = request with { Id = Guid.NewGuid() };
        await using var events = Replica.Generate(request, hangUp.Token).GetAsyncEnumerator(CancellationToken.None);
        var next = events.MoveNextAsync().AsTask();
        for (var step = 0; ; step++)
        {
            Assert.True(step < 20 * Steps, "It does not end.");
            while (next.IsCompleted && (readsFirst || step % 4 == 3 || step > Steps))
            {
                if (!await next)
                {
                    Engine.Step(); // hears of the choices that the reader ended
                    Assert.Equal(0, Engine.State.Blocks.Used);
                    Assert.Equal(request.Choices, seen.Count(entry => entry.Kind == GenerationEventKind.Finished));
                    Assert.Equal(GenerationEventKind.Completed, seen[^1].Kind);
                    return seen;
                }

                seen.Add(events.Current);
                next = events.MoveNextAsync().AsTask();
            }

            if (step == cancelAfter)
            {
                await hangUp.CancelAsync();
            }

            if (!Engine.Step() && step > Steps)
            {
                await Task.WhenAny(next); // nothing runs any more: what is left is the reader's
            }
        }
    }

    private static IEnumerable<GenerationEvent> Of(IEnumerable<GenerationEvent> events, int choice) => events.Where(entry => entry.Choice == choice);

    private static string Text(IEnumerable<GenerationEvent> events, int choice) => string.Concat(Of(events, choice).Select(entry => entry.Text));

    private static FinishReason? Finish(IEnumerable<GenerationEvent> events, int choice) =>
        Of(events, choice).Single(entry => entry.Kind == GenerationEventKind.Finished).FinishReason;
}
