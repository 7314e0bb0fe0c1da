using Parley.Tensors;
using Parley.Tensors.Autograd;

namespace Parley.Models;

// T rows of the ragged batch, R rows whose logits are wanted, D hidden, V vocabulary.

/// <summary>
/// A decoder-only transformer: token ids in, hidden states and logits out. ONE forward, used by the trainer (operations
/// with a tape) and by the server (operations without), so both compute the same bits. Owns its parameters. Knows
/// neither text, files, sampling, nor which sequence a row belongs to (the <see cref="AttentionBatch"/> does).
/// </summary>
public sealed class Decoder : IDisposable
{
    private readonly Parameter _embedding, _finalNorm;
    private readonly DecoderLayer[] _layers;
    private readonly RotaryTables _rotary;
    private readonly WeightsIdentity _identity;

    /// <param name="parameters">Exactly the names and shapes of <see cref="ParameterLayout.Of"/>; norms in F32, matrices in any storage type.</param>
    /// <exception cref="ModelFormatException">The configuration is unusable, or a tensor is missing, superfluous or of another shape.</exception>
    public Decoder(ModelConfig config, IReadOnlyDictionary<string, Parameter> parameters)
    {
        Config = config.Validate();
        Parameters = Check(config, parameters);
        _embedding = parameters[ParameterLayout.Embedding];
        _finalNorm = parameters[ParameterLayout.FinalNorm];
        Head = config.TieEmbeddings ? _embedding : parameters[ParameterLayout.Head];
        _layers = [.. Enumerable.Range(0, config.Layers).Select(layer => new DecoderLayer(config, layer, parameters))];
        _rotary = new RotaryTables(config);
        _identity = new WeightsIdentity(config, Parameters);
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

    /// <summary>The normalised hidden state after the last layer of every row.</summary>
    /// <param name="tokens">[T] ids below V.</param>
    /// <param name="batch">Which rows form which sequence, and the cache if there is one; T rows.</param>
    /// <returns>[T, D], valid as long as the arena of <paramref name="ops"/>.</returns>
    public Tensor Forward(Operations ops, ReadOnlyMemory<int> tokens, AttentionBatch batch)
    {
        var rotary = _rotary.Covering(batch.Positions.Span);
        var x = ops.Embedding(_embedding, tokens); // [T, D]
        foreach (var layer in _layers)
        {
            x = layer.Forward(ops, x, batch, rotary); // [T, D]
        }

        return ops.RmsNorm(x, _finalNorm, Config.RmsNormEpsilon); // [T, D]
    }

    /// <summary>The logits of some hidden rows (gather them first: a row costs V * D multiplications).</summary>
    /// <returns>[R, V]</returns>
    public Tensor Logits(Operations ops, Tensor hidden) => ops.Linear(hidden, Head); // [R, D] -> [R, V]

    public void Dispose()
    {
        _rotary.Dispose();
        foreach (var parameter in Parameters)
        {
            parameter.Dispose();
        }
    }

    private static Parameter[] Check(ModelConfig config, IReadOnlyDictionary<string, Parameter> parameters)
    {
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

        if (spec.Role == ParameterRole.Norm && parameter.Value.DType != DType.F32)
        {
            throw new ModelFormatException($"The norm '{spec.Name}' is stored as {parameter.Value.DType}; convert it to F32.") { Field = spec.Name };
        }

        return parameter;
    }
}
