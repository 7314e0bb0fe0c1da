using Parley.Tensors;
using Parley.Tensors.Autograd;

namespace Parley.Models;

// T rows of the ragged batch, R rows whose logits are wanted, D hidden, V vocabulary.

/// <summary>
/// A transformer, a decoder mostly, or an encoder where the configuration says so: token ids in, hidden states and logits out. ONE forward, used by the trainer (operations
/// with a tape) and by the server (operations without), so both compute the same bits. Owns its parameters. Knows
/// neither text, files, sampling, nor which sequence a row belongs to (the <see cref="AttentionBatch"/> does).
/// </summary>
public sealed class Decoder : IDisposable
{
    private readonly Parameter _embedding;
    private readonly Parameter? _positions, _tokenTypes;
    private readonly Norm? _embeddingNorm, _finalNorm;
    private readonly Classifier? _classifier;
    private readonly DecoderLayer[] _layers;
    private readonly RotaryTables _rotary, _localRotary;
    private readonly WeightsIdentity _identity;

    /// <param name="parameters">Exactly the names and shapes of <see cref="ParameterLayout.Of"/>; norms in F32, matrices in any storage type.</param>
    /// <exception cref="ModelFormatException">The configuration is unusable, or a tensor is missing, superfluous or of another shape.</exception>
    public Decoder(ModelConfig config, IReadOnlyDictionary<string, Parameter> parameters)
    {
        Config = config.Validate();
        Parameters = Check(config, parameters);
        _embedding = parameters[ParameterLayout.Embedding];
        _positions = config.LearnedPositions ? parameters[ParameterLayout.Positions] : null;
        _tokenTypes = config.TokenTypes > 0 ? parameters[ParameterLayout.TokenTypes] : null;
        _embeddingNorm = config.EmbeddingNorm ? new Norm(config, new ParameterMap(parameters, "model."), "embed_norm") : null;
        _finalNorm = config.NormsAfterResidual ? null : new Norm(config, new ParameterMap(parameters, "model."), "norm");
        _classifier = config.Classes > 0 ? new Classifier(config, new ParameterMap(parameters, "classifier.")) : null;
        Head = config.TieEmbeddings ? _embedding : parameters[ParameterLayout.Head];
        Head.IsLast = true;
        _layers = [.. Enumerable.Range(0, config.Layers).Select(layer => new DecoderLayer(config, layer, new ParameterMap(parameters, ParameterLayout.Prefix(layer))))];
        _rotary = new RotaryTables(config, local: false);
        _localRotary = config.LocalRopeTheta == 0 ? _rotary : new RotaryTables(config, local: true);
        _identity = new WeightsIdentity(config.ToJson, Parameters);
    }

    public ModelConfig Config { get; }

    /// <summary>All parameters once, in the order of <see cref="ParameterLayout.Of"/>; a tied head is the embedding table.</summary>
    public IReadOnlyList<Parameter> Parameters { get; }

    /// <summary>The output head, [V, D].</summary>
    public Parameter Head { get; }

    /// <summary>
    /// SHA-256, in hex, over the configuration and every tensor's name, type, shape and bytes. Computed when first asked
    /// for and again after a parameter was marked as changed.
    /// </summary>
    public string WeightsId => _identity.Value;

    /// <summary>Rises when a parameter is marked as changed: by this, who keeps results of the weights knows that they are stale, without hashing.</summary>
    public long WeightsVersion => _identity.Version;

    /// <summary>A new model whose F32 weights are a pure function of configuration and seed; see <see cref="Initialization"/>.</summary>
    public static Decoder Initialize(ModelConfig config, ulong seed) => new(config.Validate(), Initialization.Create(config, seed));

    /// <summary>
    /// Brings all weights into the layouts that <paramref name="context"/> computes with, in parallel, instead of each when it is first used.
    /// Where a layout takes the place of weights mapped from a file, their pages are given back as they are read. Doing it again costs nothing.
    /// </summary>
    /// <param name="progress">Told the share that is done, from 0 to 1.</param>
    public void Prepare(ComputeContext context, IProgress<double>? progress = null) =>
        context.Device.Prepare([.. Parameters.Where(IsMultiplied)], progress);

    /// <summary>The normalised hidden state after the last layer of every row.</summary>
    /// <param name="ops">Where to compute.</param>
    /// <param name="tokens">[T] ids below V.</param>
    /// <param name="batch">Which rows form which sequence, and the cache if there is one; T rows.</param>
    /// <param name="types">[T] token types, where the model has them; empty: all 0.</param>
    /// <param name="adapters">Which rows are computed with which <see cref="Adapter"/>, T rows; null: none.</param>
    /// <param name="wanted">The R rows to return, in this order; the last layer is spared the others. Not with adapters. Empty: all.</param>
    /// <returns>[R, D], valid as long as the arena of <paramref name="ops"/>.</returns>
    /// <exception cref="ArgumentException">Some rows are wanted while there are adapters or a tape, which go by all rows.</exception>
    public Tensor Forward(
        Operations ops,
        ReadOnlyMemory<int> tokens,
        AttentionBatch batch,
        ReadOnlyMemory<int> types = default,
        LowRankRows? adapters = null,
        ReadOnlyMemory<int> wanted = default)
    {
        var end = RequireContext(batch.Positions.Span);
        if (!wanted.IsEmpty && (adapters is not null || ops.Tape is not null))
            throw new ArgumentException("With adapters or a tape all rows go through the last layer; gather the wanted ones afterwards.", nameof(wanted));
        ops.Adapters = adapters;
        try
        {
            return Layers(ops, Embed(ops, tokens, batch, types), batch, end, wanted);
        }
        finally
        {
            ops.Adapters = null; // heads see other rows, and are not adapted
        }
    }

    /// <summary>The logits of some hidden rows (gather them first: a row costs V * D multiplications).</summary>
    /// <returns>[R, V]</returns>
    public Tensor Logits(Operations ops, Tensor hidden)
    {
        var logits = ops.Linear(hidden, Head); // [R, D] -> [R, V]
        return Config.LogitSoftCap == 0 ? logits : ops.SoftCap(logits, Config.LogitSoftCap);
    }

    /// <summary>The scores of the classification head for some hidden rows, each a sequence's first.</summary>
    /// <returns>[R, classes]</returns>
    /// <exception cref="InvalidOperationException">The model has no classification head.</exception>
    public Tensor Classify(Operations ops, Tensor hidden) =>
        _classifier?.Forward(ops, hidden) ?? throw new InvalidOperationException($"This {Config.Architecture} model has no classification head.");

    /// <summary>The loss of hidden rows, and with a tape its gradient, as <see cref="Operations.CrossEntropy"/> computes it.</summary>
    public double Loss(
        Operations ops, Tensor hidden, ReadOnlyMemory<int> targets, ReadOnlyMemory<float> weights, float scale, float[]? rowLosses = null) =>
        ops.CrossEntropy(hidden, Head, targets, weights, scale, rowLosses, Config.LogitSoftCap);

    public void Dispose()
    {
        _rotary.Dispose();
        _localRotary.Dispose();
        foreach (var parameter in Parameters)
        {
            parameter.Dispose();
        }
    }

    /// <summary>False for tables that are only looked up.</summary>
    private bool IsMultiplied(Parameter parameter) =>
        parameter != _positions && parameter != _tokenTypes && (parameter != _embedding || (parameter == Head && Config.Causal));

    private Tensor Embed(Operations ops, ReadOnlyMemory<int> tokens, AttentionBatch batch, ReadOnlyMemory<int> types)
    {
        var x = ops.Embedding(_embedding, tokens); // [T, D]
        if (_positions is not null)
        {
            x = ops.Residual(x, ops.Embedding(_positions, batch.Positions));
        }

        if (_tokenTypes is not null)
        {
            x = ops.Residual(x, ops.Embedding(_tokenTypes, types.IsEmpty ? new int[tokens.Length] : types));
        }

        x = _embeddingNorm?.Forward(ops, x) ?? x;
        return ops.Dropout(Config.EmbeddingScale == 1 ? x : ops.Scale(x, Config.EmbeddingScale), place: 0);
    }

    private Tensor Layers(Operations ops, Tensor x, AttentionBatch batch, int end, ReadOnlyMemory<int> wanted) // [T, D] -> [R, D]
    {
        ops.Treatment?.Probe?.Invoke(-1, x);
        for (var layer = 0; layer < _layers.Length; layer++)
        {
            x = ops.Treatment is { Recompute: true }
                ? Recomputed(ops, _layers[layer], x, batch, Rotary(layer, end))
                : _layers[layer].Forward(ops, x, batch, Rotary(layer, end), layer == _layers.Length - 1 ? wanted : default); // [T, D]
            ops.Treatment?.Probe?.Invoke(layer, x);
        }

        var hidden = _finalNorm?.Forward(ops, x) ?? x; // [T, D]
        return Config.LogitScale == 1 ? hidden : ops.Scale(hidden, 1 / Config.LogitScale); // a linear head's logits are divided with it
    }

    // Apart, because what the function captures is allocated where the method begins, and serving must not allocate.
    private static Tensor Recomputed(Operations ops, DecoderLayer layer, Tensor x, AttentionBatch batch, RotaryTable? rotary)
    {
        var adapters = ops.Adapters; // no longer set there when the backward pass comes
        return ops.Recompute(x, (again, input) =>
        {
            again.Adapters = adapters;
            return layer.Forward(again, input, batch, rotary);
        });
    }

    private RotaryTable? Rotary(int layer, int positions)
    {
        if (Config.LearnedPositions || Config.UnrotatedLayers.Contains(layer))
        {
            return null;
        }

        return (Config.WindowedLayers.Contains(layer) ? _localRotary : _rotary).Covering(positions);
    }

    /// <summary>The first position behind all of a batch.</summary>
    private int RequireContext(ReadOnlySpan<int> positions)
    {
        var end = 1;
        foreach (var position in positions)
        {
            end = Math.Max(end, position + 1);
        }

        return end <= Config.ContextLength ? end : throw new ArgumentException(
            $"Position {end - 1} lies beyond the model's context of {Config.ContextLength} tokens; shorten the sequence.", nameof(positions));
    }

    private static Parameter[] Check(ModelConfig config, IReadOnlyDictionary<string, Parameter> parameters)
    {
        config.RequireWarranted(parameters.Count);
        var specs = ParameterLayout.Of(config);
        var checkedParameters = specs.Select(spec => Check(spec, parameters)).ToArray();
        if (parameters.Count > specs.Count)
        {
            var extra = parameters.Keys.Except(specs.Select(spec => spec.Name), StringComparer.Ordinal).First();
            throw new ModelFormatException($"The tensor '{extra}' is not part of this model; remove it or correct the configuration.") { Field = extra };
        }

        return checkedParameters;
    }

    private static Parameter Check(ParameterSpec spec, IReadOnlyDictionary<string, Parameter> parameters)
    {
        if (!parameters.TryGetValue(spec.Name, out var parameter))
        {
            throw new ModelFormatException($"The tensor '{spec.Name}' {spec.Shape} is missing; restore the weights from their source.") { Field = spec.Name };
        }

        if (parameter.Value.Shape != spec.Shape)
        {
            throw new ModelFormatException(
                $"The tensor '{spec.Name}' has the shape {parameter.Value.Shape}, but the configuration asks for {spec.Shape}; correct one of them.")
            { Field = spec.Name };
        }

        if (spec.IsExact && parameter.Value.DType != DType.F32)
        {
            throw new ModelFormatException($"The tensor '{spec.Name}' is stored as {parameter.Value.DType}; convert it to F32.") { Field = spec.Name };
        }

        return parameter;
    }
}
