using Parley.Tensors;

namespace Parley.Models;

/// <summary>
/// Puts an adapter together from the halves that a file lists, in whatever naming: knows that both halves must be there and fit the model, and
/// cuts fused maps. Everything is checked before a byte is read; what goes wrong on the way leaves nothing behind.
/// </summary>
/// <param name="path">What errors call the file.</param>
/// <param name="config">The model that is adapted.</param>
/// <param name="modules">The maps that can be adapted, by the file's names.</param>
internal sealed class AdapterAssembly(string path, ModelConfig config, IReadOnlyDictionary<string, AdapterModule> modules)
{
    private const int MostRank = 4096;

    private readonly OrderedDictionary<string, (Half? A, Half? B)> _halves = new(StringComparer.Ordinal);

    /// <summary>True when query and key rows come in the order of interleaved pairs; see <see cref="RotaryRows"/>.</summary>
    public bool RowsArePaired { get; init; }

    /// <summary>Adds one half of a module's pair.</summary>
    /// <param name="module">The file's name for the map.</param>
    /// <param name="tensor">The tensor's own name.</param>
    /// <param name="isA">True for A [r, K], false for B [N, r].</param>
    /// <param name="open">Maps the tensor.</param>
    public void Add(string module, string tensor, bool isA, Shape shape, Func<Tensor> open)
    {
        if (!modules.ContainsKey(module))
        {
            throw Error(tensor, $"the map '{module}' of this {config.Architecture} model cannot be adapted: attention and dense feed-forward projections of its "
                + $"{config.Layers} layers can, embeddings, heads and experts cannot. Use an adapter of this model without it.");
        }

        var (a, b) = _halves.GetValueOrDefault(module);
        var half = new Half(tensor, shape, open);
        _halves[module] = isA ? (half, b) : (a, half);
    }

    /// <param name="scaleOf">The scale of a module's pair, from its name and rank.</param>
    /// <exception cref="ModelFormatException">A half is missing or of another shape, or a number is not finite.</exception>
    public Adapter Build(Func<string, int, double> scaleOf)
    {
        if (_halves.Count == 0)
        {
            throw Error(null, "holds no pair of lora_a and lora_b. Give the file of a LoRA adapter.");
        }

        var planned = _halves.Select(pair => Plan(modules[pair.Key], pair.Value.A, pair.Value.B, scaleOf)).ToArray();
        var pairs = new Dictionary<string, LowRankPair>(StringComparer.Ordinal);
        try
        {
            foreach (var (module, a, b, scale) in planned)
            {
                Cut(module, a, b, scale, pairs);
            }

            return new Adapter(config, pairs);
        }
        catch
        {
            foreach (var pair in pairs.Values)
            {
                pair.Dispose();
            }

            throw;
        }
    }

    private (AdapterModule Module, Half A, Half B, float Scale) Plan(AdapterModule module, Half? first, Half? second, Func<string, int, double> scaleOf)
    {
        if (first is not { } a || second is not { } b)
        {
            throw Error((first ?? second)!.Tensor, $"the other half of this pair, {(first is null ? "A" : "B")}, is missing. Copy or download the adapter again.");
        }

        var rank = a.Shape.Rank == 2 ? a.Shape[0] : 0;
        Require(a, rank is > 0 and <= MostRank ? new Shape(rank, module.Whole[1]) : new Shape(1, module.Whole[1]), module);
        Require(b, new Shape(module.Whole[0], rank), module);
        var scale = (float)scaleOf(module.Name, rank);
        return float.IsFinite(scale) ? (module, a, b, scale) : throw Error(a.Tensor, $"the scale of this pair, {scale}, is not finite. Correct alpha.");
    }

    private void Require(Half half, Shape shape, AdapterModule module)
    {
        if (half.Shape != shape)
        {
            throw Error(half.Tensor, $"has the shape {half.Shape}, but '{module.Name}' {module.Whole} of this model needs {shape}. Load it beside the model that it was trained on.");
        }
    }

    private void Cut(AdapterModule module, Half a, Half b, float scale, Dictionary<string, LowRankPair> pairs)
    {
        using var down = Read(a);
        using var up = Read(b);
        foreach (var (spec, firstRow) in module.Parts)
        {
            var pair = Adapter.Allocate(spec.Name, spec.Shape, down.Shape[0], scale);
            pairs.Add(spec.Name, pair);
            pair.A.Value.CopyFrom(down);
            var rows = up.Rows(firstRow, spec.Shape[0]);
            if (RowsArePaired && RotaryRows.ArePaired(spec, config))
            {
                using var halves = RotaryRows.ToHalves(rows, config);
                pair.B.Value.CopyFrom(halves);
            }
            else
            {
                pair.B.Value.CopyFrom(rows);
            }
        }
    }

    private Tensor Read(Half half)
    {
        using var stored = half.Open();
        var values = stored.ToArray();
        return values.All(float.IsFinite)
            ? Tensor.FromHost(half.Shape, values)
            : throw Error(half.Tensor, "holds a number that is not finite. Train the adapter again, or take another.");
    }

    private ModelFormatException Error(string? field, string problem) => ModelFormatException.At(path, field, null, problem);

    private sealed record Half(string Tensor, Shape Shape, Func<Tensor> Open);
}
