using Parley.Protocol.Generation;
using Parley.Tensors;

namespace Parley.Inference.Tests;

/// <summary>Who runs in which step, without a model: a step here only advances what was scheduled.</summary>
public sealed class SchedulerTests
{
    private long _arrivals;

    [Fact]
    public void NewcomersStartInOrderOfPriorityThenArrival()
    {
        var (scheduler, batch, _) = Create(new() { MaxSequences = 2, MaxBatchTokens = 64 });
        var ordinary = Add(scheduler, 4);
        var second = Add(scheduler, 4);
        var urgent = Add(scheduler, 4, priority: 1);
        scheduler.Schedule(batch);
        Assert.Equal([urgent, ordinary], batch.Sequences);
        Assert.Equal([second], scheduler.Waiting);
    }

    [Fact]
    public void APromptIsCutIntoChunksWhileOthersKeepDecoding()
    {
        var (scheduler, batch, _) = Create(new() { MaxSequences = 4, MaxBatchTokens = 8 });
        var running = Add(scheduler, 3);
        Step(scheduler, batch);
        var longPrompt = Add(scheduler, 20);
        var chunks = new List<int>();
        while (longPrompt.Pending > 1 || chunks.Count == 0)
        {
            Step(scheduler, batch);
            Assert.Equal(running, batch.Sequences[0]);
            Assert.Equal(1, batch.Spans[0].Count);
            chunks.Add(batch.Spans[1].Count);
        }

        Assert.Equal([7, 7, 6], chunks);
    }

    [Fact]
    public void PrefillChunkBoundsOnePromptAndNotTheBatch()
    {
        var (scheduler, batch, _) = Create(new() { MaxSequences = 4, MaxBatchTokens = 64, PrefillChunk = 5 });
        Add(scheduler, 12);
        Add(scheduler, 12);
        scheduler.Schedule(batch);
        Assert.Equal([5, 5], batch.Spans.Select(span => span.Count));
        Assert.Empty(batch.Sampled);
    }

    [Fact]
    public void WithoutBlocksTheYoungestGivesUpItsOwn()
    {
        var (scheduler, batch, blocks) = Create(new() { MaxSequences = 4, MaxBatchTokens = 64 }, blockCount: 2);
        var older = Add(scheduler, 16);
        var younger = Add(scheduler, 15);
        Step(scheduler, batch);
        Assert.Equal([older, younger], batch.Sampled);
        Step(scheduler, batch); // the older one's 17th token needs a third block
        Assert.Equal([older], batch.Sequences);
        Assert.Equal([younger], scheduler.Waiting);
        Assert.Equal((0, 0), (younger.Computed, younger.BlockCount));
        Assert.Equal(1, scheduler.Preemptions);
        scheduler.Remove(older);
        scheduler.Schedule(batch);
        Assert.Equal([younger], batch.Sampled);
        Assert.Equal(16, batch.Spans[0].Count); // its prompt and the token it had sampled, computed again
        scheduler.Remove(younger);
        Assert.Equal(2, blocks.Free);
    }

    [Fact]
    public void TheFirstInLineIsNotPassedOver()
    {
        var (scheduler, batch, _) = Create(new() { MaxSequences = 4, MaxBatchTokens = 64 }, blockCount: 3);
        var running = Add(scheduler, 20);
        Step(scheduler, batch);
        var large = Add(scheduler, 30);
        var small = Add(scheduler, 2);
        Step(scheduler, batch);
        Assert.Equal([running], batch.Sequences);
        Assert.Equal([large, small], scheduler.Waiting);
    }

    [Fact]
    public void RandomLoadsKeepTheirBudgetAndEveryoneEnds()
    {
        for (var seed = 1; seed <= 200; seed++)
        {
            var random = new Random(seed);
            var options = new EngineOptions { MaxSequences = random.Next(1, 6), MaxBatchTokens = random.Next(6, 40), PrefillChunk = random.Next(1, 20) };
            var (scheduler, batch, blocks) = Create(options, blockCount: random.Next(4, 12));
            var left = Enumerable.Range(0, 12).Select(_ => Add(scheduler, random.Next(1, 50), random.Next(3), random.Next(1, 14))).ToHashSet();
            for (var step = 0; left.Count > 0; step++)
            {
                Assert.True(step < 5000, $"seed {seed} does not end");
                Step(scheduler, batch);
                Assert.InRange(batch.Rows, 1, options.MaxBatchTokens);
                Assert.InRange(batch.Sequences.Count, 1, options.MaxSequences);
                Assert.Equal(blocks.Used, scheduler.Running.Sum(sequence => sequence.BlockCount));
                foreach (var ended in left.Where(sequence => sequence.Ending is not null).ToArray())
                {
                    scheduler.Remove(ended);
                    left.Remove(ended);
                }
            }

            Assert.Equal(blocks.Total, blocks.Free);
        }
    }

    private static (Scheduler Scheduler, ScheduledBatch Batch, BlockAllocator Blocks) Create(EngineOptions options, int blockCount = 64)
    {
        var blocks = new BlockAllocator(blockCount);
        return (new Scheduler(options, blocks), new ScheduledBatch(options.MaxBatchTokens, options.MaxSequences), blocks);
    }

    private static void Step(Scheduler scheduler, ScheduledBatch batch)
    {
        scheduler.Schedule(batch);
        for (var i = 0; i < batch.Sequences.Count; i++)
        {
            batch.Sequences[i].Advance(batch.Spans[i].Count);
        }

        batch.Sampled.ForEach(sequence => sequence.Append(5));
    }

    private Sequence Add(Scheduler scheduler, int promptLength, int priority = 0, int maxTokens = 8)
    {
        var request = new EngineRequest
        {
            Prompt = new int[promptLength],
            Sampling = new SamplingParams { Seed = 1 },
            MaxOutputTokens = maxTokens,
            Priority = priority,
        };
        var sequence = new Sequence(request, 64, ++_arrivals, new OutputStream(1));
        scheduler.Add(sequence);
        return sequence;
    }
}
