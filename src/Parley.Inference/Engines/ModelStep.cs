using Parley.Models;
using Parley.Tensors;
using Parley.Tensors.Autograd;

namespace Parley.Inference;

/// <summary>
/// One batch through the model: the decoder on its rows over the paged cache, the head on the rows whose next token is wanted, a draw from each of those.
/// Its memory is kept from step to step. It knows nothing of who waits or where outputs go.
/// </summary>
internal sealed class ModelStep : IDisposable
{
    private readonly Decoder _decoder;
    private readonly KVCache? _cache; // none for an encoder, whose blocks are then mere places
    private readonly Arena _arena = new();
    private readonly Operations _operations;
    private readonly AttentionBatch _attention;
    private readonly BatchSampling _sampling;
    private readonly PromptScoring _scoring;
    private readonly BatchPooling _pooling;
    private LogitsObserver? _observer;

    public ModelStep(Decoder decoder, EngineOptions options, ComputeContext context, int blocks)
    {
        _decoder = decoder;
        decoder.Prepare(context);
        var config = decoder.Config;
        _cache = config.Causal ? new KVCache(config.Layers, config.KVHeads, config.HeadDim, blocks, options.CacheDType) : null;
        _operations = new Operations(context, _arena);
        _attention = new AttentionBatch([], _cache);
        _sampling = new BatchSampling(context, config.VocabularySize, options.MaxBatchTokens, options.MaxSequences);
        _scoring = new PromptScoring(decoder, _operations);
        _pooling = new BatchPooling(decoder, _operations);
    }

    public long CacheBytes => _cache?.ByteCount ?? 0;

    /// <inheritdoc cref="Decoder.WeightsVersion"/>
    public long WeightsVersion => _decoder.WeightsVersion;

    public LogitsObserver? Observer
    {
        set => Volatile.Write(ref _observer, value);
    }

    /// <summary>Step 6: runs the batch and moves its sequences on; what was drawn is then in <see cref="OutputsOf"/>.</summary>
    public void Run(ScheduledBatch batch)
    {
        _arena.Reset();
        _attention.Rebind(batch.Spans);
        var narrow = batch.WantsSampledOnly;
        var wanted = narrow ? batch.SampledRows : default;
        var hidden = _decoder.Forward(_operations, batch.Tokens, _attention, batch.TokenTypes, batch.Adapters, wanted); // [T or R, D]
        _scoring.Run(batch, hidden);
        for (var i = 0; i < batch.Sequences.Count; i++)
        {
            batch.Sequences[i].Advance(batch.OwnTokens(i));
        }

        _pooling.Run(batch, hidden);
        if (batch.Sampled.Count > 0)
        {
            var logits = _decoder.Logits(_operations, narrow ? hidden : _operations.GatherRows(hidden, batch.SampledRows)); // [R, V]
            Show(batch, logits);
            _sampling.Run(batch, logits);
        }
    }

    /// <inheritdoc cref="BatchSampling.OutputsOf"/>
    public ReadOnlySpan<EngineOutput> OutputsOf(ScheduledBatch batch, int sampled) => _sampling.OutputsOf(batch, sampled);

    /// <summary>The sequences that came to their vector in this step.</summary>
    public IReadOnlyList<(Sequence Sequence, EngineOutput Output)> Vectors => _pooling.Finished;

    public void Dispose()
    {
        _cache?.Dispose();
        _arena.Dispose();
    }

    private void Show(ScheduledBatch batch, Tensor logits)
    {
        var observer = Volatile.Read(ref _observer);
        for (var i = 0; observer is not null && i < batch.Sampled.Count; i++)
        {
            var width = logits.Shape.Last;
            observer(batch.Sampled[i].Request, logits.ToHost().Slice(batch.SampledRange(i).First * width, width));
        }
    }
}
