using Parley.Protocol.Errors;
using Parley.Tensors;

namespace Parley.Inference.Tests;

/// <summary>Who may wait, for how long it is told to stay away, and that priority shortens a wait without making another one endless.</summary>
public sealed class AdmissionTests
{
    [Fact]
    public void TheWaitIsEstimatedFromThePaceOfTheLine()
    {
        var time = new ManualTime();
        var queue = new AdmissionQueue(100, time);
        Assert.True(queue.TryEnter(100));
        Assert.False(queue.TryEnter(1));
        Assert.Equal(TimeSpan.FromSeconds(1), queue.RetryAfter); // no admission yet: nothing is known
        for (var i = 0; i < 20; i++)
        {
            time.Advance(0.5);
            queue.Leave();
        }

        Assert.Equal(TimeSpan.FromSeconds(40), queue.RetryAfter); // 80 are left, two a second
        for (var i = 0; i < 40; i++)
        {
            time.Advance(0.1);
            queue.Leave();
        }

        Assert.Equal(40, queue.Waiting);
        Assert.InRange(queue.RetryAfter.TotalSeconds, 3.8, 4.0); // the last 32 admissions were faster
        time.Advance(3600);
        Assert.Equal(TimeSpan.FromMinutes(2), queue.RetryAfter);
    }

    [Fact]
    public void ANewLineHasAPaceOfItsOwn()
    {
        var time = new ManualTime();
        var queue = new AdmissionQueue(4, time);
        queue.TryEnter(1);
        time.Advance(600);
        queue.Leave();
        Assert.True(queue.TryEnter(4));
        time.Advance(2);
        queue.Leave();
        Assert.Equal(TimeSpan.FromSeconds(6), queue.RetryAfter);
    }

    [Fact]
    public async Task TheRefusalCarriesTheWait()
    {
        using var decoder = TinyModel.Create();
        using var context = new ComputeContext(threads: 1);
        var time = new ManualTime();
        await using var engine = new Engine(decoder, new() { MaxWaiting = 3, MaxSequences = 1 }, context, time, startThread: false);
        for (var i = 0; i < 3; i++)
        {
            engine.Submit(Requests.Of(4, 1, maxTokens: 1));
        }

        time.Advance(7);
        engine.Step();
        engine.Submit(Requests.Of(4, 1));
        var error = Assert.Throws<ParleyException>(() => engine.Submit(Requests.Of(4, 1)));
        Assert.Equal((429, 21.0), (error.Status, error.RetryAfter!.Value.TotalSeconds));
    }

    [Theory]
    [InlineData(0, new[] { 0, 1, 2 })]
    [InlineData(1, new[] { 0, 2, 1 })] // one level: before the one that came 4 seconds earlier
    [InlineData(2, new[] { 2, 0, 1 })] // two levels: before the one that came 8 seconds earlier too
    [InlineData(-1, new[] { 0, 1, 2 })]
    public async Task ALevelOfPriorityIsWorthSomeSecondsOfWaiting(int priority, int[] order)
    {
        using var decoder = TinyModel.Create();
        using var context = new ComputeContext(threads: 1);
        var time = new ManualTime();
        await using var engine = new Engine(decoder, new() { MaxSequences = 1, PriorityStep = TimeSpan.FromSeconds(5) }, context, time, startThread: false);
        var readers = new[] { 0, 0, priority }.Select((level, i) =>
        {
            time.Advance(4);
            return engine.Submit(Requests.Of(4, (ulong)i, maxTokens: 1) with { Priority = level });
        }).ToArray();
        var seen = new List<int>();
        while (engine.Step())
        {
            seen.AddRange(Enumerable.Range(0, 3).Where(i => readers[i].Count > 0 && !seen.Contains(i)));
        }

        Assert.Equal(order, seen);
    }

    [Fact]
    public async Task NobodyStarvesBehindAStreamOfUrgentRequests()
    {
        using var decoder = TinyModel.Create();
        using var context = new ComputeContext(threads: 1);
        var time = new ManualTime();
        await using var engine = new Engine(decoder, new() { MaxSequences = 1, PriorityStep = TimeSpan.FromSeconds(5) }, context, time, startThread: false);
        engine.Submit(Requests.Of(4, 1, maxTokens: 1) with { Priority = 10 });
        var patient = engine.Submit(Requests.Of(4, 2, maxTokens: 1));
        var waited = 0;
        for (; patient.Count == 0; waited++)
        {
            Assert.True(waited < 100, "starved");
            time.Advance(1);
            engine.Submit(Requests.Of(4, 3, maxTokens: 1) with { Priority = 10 });
            engine.Step();
        }

        Assert.Equal(51, waited); // ten levels of five seconds, and the one that was there before
    }
}
