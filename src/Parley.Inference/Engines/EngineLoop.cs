using Parley.Models;
using Parley.Protocol.Generation;
using Parley.Tensors;
using Parley.Tensors.Autograd;

namespace Parley.Inference;

/// <summary>
/// The state behind <see cref="Engine"/> and what one step does with it: schedule, run the decoder on the ragged batch, sample, append,
/// finish. Touched by the engine's thread alone, except for the count of those in the queue.
/// </summary>
internal sealed class EngineLoop : IDisposable
{
    private readonly Decoder _decoder;
    private readonly EngineOptions _options;
    private readonly EngineMetrics _metrics;
    private readonly TimeProvider _time;
    private readonly KVCache _cache;
    private readonly Arena _arena = new();
    private readonly Operations _operations;
    private readonly ScheduledBatch _batch;
    private readonly Sampler _sampler;
    private LogitsObserver? _observer;
    private int _queued;

    public EngineLoop(Decoder decoder, EngineOptions options, ComputeContext context, EngineMetrics metrics, TimeProvider time)
    {
        (_decoder, _options, _metrics, _time) = (decoder, options, metrics, time);
        var config = decoder.Config;
        var blocks = options.BlocksFor(config);
        _cache = new KVCache(config.Layers, config.KVHeads, config.HeadDim, blocks, options.CacheDType);
        ContextLength = (int)Math.Min(config.ContextLength, (long)blocks * KVCache.BlockSize);
        Blocks = new BlockAllocator(blocks);
        Scheduler = new Scheduler(options, Blocks);
        _operations = new Operations(context, _arena);
        _batch = new ScheduledBatch(options.MaxBatchTokens, options.MaxSequences);
        _sampler = new Sampler(config.VocabularySize);
    }

    /// <summary>Sees logits before they are sampled from; set from another thread.</summary>
    public LogitsObserver? Observer
    {
        get => Volatile.Read(ref _observer);
        set => Volatile.Write(ref _observer, value);
    }

    public BlockAllocator Blocks { get; }

    public Scheduler Scheduler { get; }

    public int ContextLength { get; }

    public long CacheBytes => _cache.ByteCount;

    /// <summary>Reserves places in the queue, from any thread; false when it has too few.</summary>
    public bool TryQueue(int count)
    {
        if (Interlocked.Add(ref _queued, count) <= _options.MaxWaiting)
        {
            return true;
        }

        Interlocked.Add(ref _queued, -count);
        return false;
    }

    /// <exception cref="ArgumentException">An id is not in the vocabulary.</exception>
    public void CheckIds(ReadOnlySpan<int> ids, string name)
    {
        foreach (var id in ids)
        {
            if ((uint)id >= (uint)_decoder.Config.VocabularySize)
            {
                throw new ArgumentException($"{name} has the token id {id}; the vocabulary has ids 0 to {_decoder.Config.VocabularySize - 1}.");
            }
        }
    }

    public void Handle(in EngineCommand command)
    {
        if (command.Submitted is { } submitted)
        {
            foreach (var sequence in submitted)
            {
                TakeUp(sequence);
            }
        }
        else
        {
            Cancel(command.Cancelled, command.Choice);
        }
    }

    /// <summary>Runs one batch; false when nothing was there to run.</summary>
    public bool Step()
    {
        var preemptions = Scheduler.Preemptions;
        Scheduler.Schedule(_batch);
        _metrics.Preempted(Scheduler.Preemptions - preemptions);
        if (_batch.Rows > 0)
        {
            Run();
        }

        _metrics.Observe(Scheduler, Blocks);
        return _batch.Rows > 0;
    }

    public void CancelAll() => EndAll(sequence => Finish(sequence, new() { Choice = sequence.Request.Choice, Finish = FinishReason.Cancelled }));

    public void Dispose()
    {
        CancelAll();
        _cache.Dispose();
        _arena.Dispose();
    }

    private void TakeUp(Sequence sequence)
    {
        if (sequence.Ending is { } ending)
        {
            // Resumed at its end already: nothing is left to produce.
            LeaveQueue(sequence);
            sequence.Output.Write(new() { Choice = sequence.Request.Choice, Finish = ending });
            return;
        }

        Scheduler.Add(sequence);
    }

    private void Cancel(Guid id, int? choice)
    {
        CancelIn(Scheduler.Running, id, choice);
        CancelIn(Scheduler.Waiting, id, choice);
        _metrics.Observe(Scheduler, Blocks);
    }

    private void CancelIn(IReadOnlyList<Sequence> sequences, Guid id, int? choice)
    {
        for (var i = sequences.Count - 1; i >= 0; i--)
        {
            var request = sequences[i].Request;
            if (request.Id == id && (choice is null || choice == request.Choice))
            {
                Finish(sequences[i], new() { Choice = request.Choice, Finish = FinishReason.Cancelled });
            }
        }
    }

    // A failed step leaves the batch's sequences half done, so they end with the error; the engine itself goes on with the others to come.
    private void Run()
    {
        try
        {
            Forward();
        }
#pragma warning disable CA1031 // whatever went wrong belongs to the requests, not to the thread
        catch (Exception error)
#pragma warning restore CA1031
        {
            EndAll(sequence =>
            {
                Leave(sequence);
                sequence.Output.Fail(error);
            });
        }
    }

    private void Forward()
    {
        _arena.Reset();
        var hidden = _decoder.Forward(_operations, _batch.Tokens, new AttentionBatch(_batch.Spans, _cache)); // [T, D]
        for (var i = 0; i < _batch.Sequences.Count; i++)
        {
            LeaveQueue(_batch.Sequences[i]);
            _batch.Sequences[i].Advance(_batch.Spans[i].Count);
        }

        if (_batch.Sampled.Count == 0)
        {
            return;
        }

        var logits = _decoder.Logits(_operations, _operations.GatherRows(hidden, _batch.SampledRows)); // [R, V]
        var rows = logits.ToHost();
        for (var i = 0; i < _batch.Sampled.Count; i++)
        {
            var width = logits.Shape.Last;
            SampleNext(_batch.Sampled[i], rows.Slice(i * width, width));
        }
    }

    private void SampleNext(Sequence sequence, ReadOnlySpan<float> logits)
    {
        Observer?.Invoke(sequence.Request, logits);
        var output = _sampler.Sample(logits, sequence.Request, sequence.Counts, sequence.Length);
        sequence.Append(output.Token!.Value);
        Measure(sequence);
        if (sequence.Ending is { } ending)
        {
            Finish(sequence, output with { Finish = ending });
        }
        else
        {
            sequence.Output.Write(output);
        }
    }

    private void Measure(Sequence sequence)
    {
        var now = _time.GetTimestamp();
        if (sequence.LastToken is { } last)
        {
            _metrics.NextToken(_time.GetElapsedTime(last, now));
        }
        else
        {
            _metrics.FirstToken(sequence.Request.Prompt.Length, _time.GetElapsedTime(sequence.Submitted, now));
        }

        sequence.LastToken = now;
    }

    private void Finish(Sequence sequence, in EngineOutput output)
    {
        Leave(sequence);
        _metrics.Finished(output.Finish switch { FinishReason.Stop => "stop", FinishReason.Length => "length", _ => "abort" });
        sequence.Output.Write(output);
    }

    private void Leave(Sequence sequence)
    {
        Scheduler.Remove(sequence);
        LeaveQueue(sequence);
    }

    private void LeaveQueue(Sequence sequence)
    {
        if (!sequence.Admitted)
        {
            sequence.Admitted = true;
            Interlocked.Decrement(ref _queued);
        }
    }

    private void EndAll(Action<Sequence> end)
    {
        foreach (var sequence in Scheduler.Running.Concat(Scheduler.Waiting).ToArray())
        {
            end(sequence);
        }
    }
}
