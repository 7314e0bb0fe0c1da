using System.Globalization;
using System.Text;
using Parley.Tensors;

namespace Parley.Models;

/// <summary>
/// A LoRA adapter: low-rank pairs (<see cref="LowRankPair"/>) for some projections of a model, known by the names of their weights. The same type
/// is served and trained: give it to <see cref="Decoder.Forward"/> and, to train it, ask its <see cref="Parameters"/> for gradients. It belongs to no decoder;
/// any of its shape will do. It is counted by holders and freed by the last, so that it may be unloaded while sequences still run with it.
/// </summary>
public sealed class Adapter : ILowRankUpdates, IDisposable
{
    /// <summary>What the names of A and B have behind the name of the weight.</summary>
    internal const string SuffixA = ".lora_a", SuffixB = ".lora_b";

    private readonly Dictionary<string, LowRankPair> _byWeight;
    private readonly WeightsIdentity _identity;
    private readonly ModelConfig _config;
    private int _holders = 1;
    private int _disposed;

    /// <param name="config">The model that it adapts.</param>
    /// <param name="pairs">At least one, by the name of the weight; owned from here on, unless this throws.</param>
    /// <exception cref="ModelFormatException">A name is not in <see cref="AdapterLayout"/>, or a shape is not its map's.</exception>
    public Adapter(ModelConfig config, IReadOnlyDictionary<string, LowRankPair> pairs)
    {
        _config = config;
        var specs = AdapterLayout.Of(config);
        if (pairs.Keys.Except(specs.Select(spec => spec.Name), StringComparer.Ordinal).FirstOrDefault() is { } unknown)
        {
            throw new ModelFormatException($"The tensor '{unknown}' of a {config.Architecture} model cannot be adapted; projections of its layers can.") { Field = unknown };
        }

        Pairs = [.. specs.Where(spec => pairs.ContainsKey(spec.Name)).Select(spec => KeyValuePair.Create(spec.Name, Check(spec, pairs[spec.Name])))];
        _byWeight = Pairs.Count > 0 ? new(Pairs, StringComparer.Ordinal) : throw new ModelFormatException("An adapter without a pair adapts nothing; give at least one.");
        Parameters = [.. Pairs.SelectMany(pair => new[] { pair.Value.A, pair.Value.B })];
        _identity = new WeightsIdentity(Preface, Parameters);
    }

    /// <summary>The pairs with the names of the weights that they update, in the order of <see cref="AdapterLayout.Of"/>.</summary>
    public IReadOnlyList<KeyValuePair<string, LowRankPair>> Pairs { get; }

    /// <summary>A and B of each pair in turn: what is trained.</summary>
    public IReadOnlyList<Parameter> Parameters { get; }

    /// <summary>
    /// SHA-256, in hex, over names, scales and contents: adapters with equal ones compute equal bits. Part of every prefix-cache key, so the numbers may
    /// change (and be marked as changed) only while no sequence runs with it.
    /// </summary>
    public string Id => _identity.Value;

    /// <summary>Numbers that it has.</summary>
    public long ParameterCount => Parameters.Sum(parameter => parameter.Value.Shape.Count);

    /// <summary>True once its memory is given back.</summary>
    public bool IsFreed => Volatile.Read(ref _holders) == 0;

    /// <summary>A new adapter that changes nothing yet: A normal with deviation 1 / sqrt(K), a pure function of name and seed; B zero.</summary>
    /// <param name="config">The model that it adapts.</param>
    /// <param name="targets">Projections by the ends of their names, as <c>q_proj</c> or <c>mlp.up_proj</c>; each must match some.</param>
    /// <param name="rank">At least 1.</param>
    /// <param name="alpha">The scale is alpha / rank.</param>
    /// <exception cref="ModelFormatException">A target matches no projection.</exception>
    public static Adapter Initialize(ModelConfig config, IReadOnlyList<string> targets, int rank, float alpha, ulong seed)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(rank, 1);
        return new(config, AdapterLayout.Of(config, targets).ToDictionary(
            spec => spec.Name,
            spec =>
            {
                var pair = Allocate(spec.Name, spec.Shape, rank, alpha / rank);
                Philox.FillNormal(pair.A.Value, seed, Initialization.Stream(pair.A.Name), 1 / MathF.Sqrt(spec.Shape[1]));
                return pair;
            },
            StringComparer.Ordinal));
    }

    /// <summary>The same numbers in memory of its own.</summary>
    public Adapter Copy()
    {
        var copy = new Adapter(_config, Pairs.ToDictionary(
            pair => pair.Key,
            pair => Allocate(pair.Key, new Shape(pair.Value.B.Value.Shape[0], pair.Value.A.Value.Shape[1]), pair.Value.Rank, pair.Value.Scale),
            StringComparer.Ordinal));
        copy.CopyFrom(this);
        return copy;
    }

    /// <summary>Takes over the numbers of another one of the same model, targets and rank.</summary>
    public void CopyFrom(Adapter other)
    {
        for (var i = 0; i < Parameters.Count; i++)
        {
            Parameters[i].Value.CopyFrom(other.Parameters[i].Value);
            Parameters[i].MarkChanged();
        }
    }

    /// <summary>A pair of zeros for a weight [N, K].</summary>
    internal static LowRankPair Allocate(string weight, Shape shape, int rank, float scale) => new(
        new Parameter(weight + SuffixA, Tensor.Allocate(new Shape(rank, shape[1]))),
        new Parameter(weight + SuffixB, Tensor.Allocate(new Shape(shape[0], rank))),
        scale);

    /// <summary>True when a model has every map that this adapts, in its shape.</summary>
    public bool Fits(ModelConfig config) => ReferenceEquals(config, _config) || AdapterLayout.Of(config).ToDictionary(spec => spec.Name, StringComparer.Ordinal) is var specs
        && Pairs.All(pair => specs.TryGetValue(pair.Key, out var spec) && spec.Shape == new Shape(pair.Value.B.Value.Shape[0], pair.Value.A.Value.Shape[1]));

    public LowRankPair? Find(Parameter weight) => _byWeight.GetValueOrDefault(weight.Name);

    /// <summary>One holder more; false when it is freed already. Each ends with <see cref="Release"/>. From any thread.</summary>
    public bool TryHold()
    {
        for (var holders = Volatile.Read(ref _holders); holders > 0; holders = Volatile.Read(ref _holders))
        {
            if (Interlocked.CompareExchange(ref _holders, holders + 1, holders) == holders)
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>One holder less; the last frees the memory.</summary>
    public void Release()
    {
        if (Interlocked.Decrement(ref _holders) == 0)
        {
            foreach (var (_, pair) in Pairs)
            {
                pair.Dispose();
            }
        }
    }

    /// <summary>The owner lets go, once: memory is freed now, or when the last sequence that runs with it ends.</summary>
    public void Dispose()
    {
        if (Interlocked.Exchange(ref _disposed, 1) == 0)
        {
            Release();
        }
    }

    private byte[] Preface() => Encoding.UTF8.GetBytes("lora\n" + string.Concat(Pairs.Select(pair => string.Create(
        CultureInfo.InvariantCulture, $"{pair.Key} {BitConverter.SingleToInt32Bits(pair.Value.Scale):x8}\n"))));

    private static LowRankPair Check(ParameterSpec spec, LowRankPair pair) =>
        pair.A.Value.Shape[1] == spec.Shape[1] && pair.B.Value.Shape[0] == spec.Shape[0] ? pair : throw new ModelFormatException(
            $"The pair {pair.A.Value.Shape} and {pair.B.Value.Shape} does not fit '{spec.Name}' {spec.Shape}; load it beside the model it was trained on.")
        { Field = spec.Name };
}
