using Parley.Models;
using Parley.Protocol.Generation;
using Parley.Tensors;

namespace Parley.Inference;

/// <summary>
/// The state behind <see cref="Engine"/> and what one step does with it: schedule, run the model on the ragged batch, deliver, finish. It knows who waits
/// and who runs, not how a token comes about. Touched by the engine's thread alone, except for the queue's numbers.
/// </summary>
internal sealed class EngineLoop : IDisposable
{
    private readonly ModelStep _model;
    private readonly EngineMetrics _metrics;
    private readonly TimeProvider _time;
    private readonly PrefixCache? _prefixes;
    private readonly ScheduledBatch _batch;
    private long _weightsVersion;

    public EngineLoop(Decoder decoder, EngineOptions options, ComputeContext context, EngineMetrics metrics, TimeProvider time)
    {
        (_metrics, _time) = (metrics, time);
        options = options.For(decoder.Config);
        var blocks = options.BlocksFor(decoder.Config);
        ContextLength = (int)Math.Min(decoder.Config.ContextLength, (long)blocks * KVCache.BlockSize);
        Blocks = new BlockAllocator(blocks);
        _prefixes = options.PrefixCache ? new PrefixCache(Blocks) : null;
        Scheduler = new Scheduler(options, Blocks, _prefixes);
        Queue = new AdmissionQueue(options.MaxWaiting, time);
        _batch = new ScheduledBatch(options.MaxBatchTokens, options.MaxSequences);
        _model = new ModelStep(decoder, options, context, blocks);
        _weightsVersion = _model.WeightsVersion;
    }

    public BlockAllocator Blocks { get; }

    public Scheduler Scheduler { get; }

    public AdmissionQueue Queue { get; }

    public int ContextLength { get; }

    public long CacheBytes => _model.CacheBytes;

    /// <summary>Sees logits before they are sampled from; set from another thread.</summary>
    public LogitsObserver? Observer
    {
        set => _model.Observer = value;
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
        KeepUpWithWeights();
        Scheduler.Schedule(_batch);
        if (_batch.Rows > 0)
        {
            Run();
        }

        _metrics.Observe(Scheduler, Blocks, _prefixes);
        return _batch.Rows > 0;
    }

    public void CancelAll() => EndAll(sequence => Finish(sequence, EndOf(sequence, FinishReason.Cancelled)));

    public void Dispose()
    {
        CancelAll();
        _model.Dispose();
    }

    private void TakeUp(Sequence sequence)
    {
        if (sequence.Ending is { } ending)
        {
            // Resumed at its end already: nothing is left to produce.
            LeaveQueue(sequence);
            sequence.Request.Adapter?.Release();
            sequence.Output.Write(EndOf(sequence, ending));
            return;
        }

        Scheduler.Add(sequence);
    }

    private void Cancel(Guid id, int? choice)
    {
        CancelIn(Scheduler.Running, id, choice);
        CancelIn(Scheduler.Waiting, id, choice);
        _metrics.Observe(Scheduler, Blocks, _prefixes);
    }

    private void CancelIn(IReadOnlyList<Sequence> sequences, Guid id, int? choice)
    {
        for (var i = sequences.Count - 1; i >= 0; i--)
        {
            var request = sequences[i].Request;
            if (request.Id == id && (choice is null || choice == request.Choice))
            {
                Finish(sequences[i], EndOf(sequences[i], FinishReason.Cancelled));
            }
        }
    }

    // Keys and values of other weights are worth nothing: what runs is computed again, and the prefix cache finds nothing of before.
    private void KeepUpWithWeights()
    {
        if (_model.WeightsVersion is var version && version != _weightsVersion)
        {
            _weightsVersion = version;
            Scheduler.PreemptAll();
            _prefixes?.ChangeWeights();
        }
    }

    // A failed step leaves the batch's sequences half done, so they end with the error; the engine itself goes on with the others to come.
    private void Run()
    {
        try
        {
            _model.Run(_batch);
            Deliver();
        }
#pragma warning disable CA1031 // whatever went wrong belongs to the requests, not to the thread
        catch (Exception error)
#pragma warning restore CA1031
        {
            FailAll(error); // apart: what it captures is not allocated in every step
        }
    }

    private void FailAll(Exception error) => EndAll(sequence =>
    {
        Leave(sequence);
        sequence.Output.Fail(error);
    });

    private void Deliver()
    {
        foreach (var sequence in _batch.Sequences)
        {
            LeaveQueue(sequence);
            _prefixes?.Keep(sequence);
        }

        DeliverVectors();
        for (var i = 0; i < _batch.Sampled.Count; i++)
        {
            var sequence = _batch.Sampled[i];
            var outputs = _model.OutputsOf(_batch, i);
            if (_batch.SampledRange(i).Count - 1 is var guessed and > 0)
            {
                _metrics.Guessed(guessed, outputs.Length - 1);
            }

            foreach (var output in outputs)
            {
                if (output.Token is not null)
                {
                    Measure(sequence);
                }

                if (output.Finish is null)
                {
                    sequence.Output.Write(output);
                }
                else
                {
                    Finish(sequence, output);
                }
            }
        }
    }

    private void DeliverVectors()
    {
        for (var i = 0; i < _model.Vectors.Count; i++)
        {
            var (sequence, output) = _model.Vectors[i];
            Measure(sequence);
            Finish(sequence, output);
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
        sequence.Request.Adapter?.Release();
    }

    private void LeaveQueue(Sequence sequence)
    {
        if (!sequence.Admitted)
        {
            sequence.Admitted = true;
            Queue.Leave();
        }
    }

    private void EndAll(Action<Sequence> end)
    {
        foreach (var sequence in Scheduler.Running.Concat(Scheduler.Waiting).ToArray())
        {
            end(sequence);
        }
    }

    private static EngineOutput EndOf(Sequence sequence, FinishReason reason) =>
        new() { Choice = sequence.Request.Choice, Prompt = sequence.Scores?.TakeWhenDone(), Finish = reason, CachedTokens = sequence.CachedTokens };
}
