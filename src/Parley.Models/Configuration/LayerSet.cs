namespace Parley.Models;

/// <summary>Which layers of a model something applies to; equal when the same layers are meant. The default is none.</summary>
public readonly record struct LayerSet
{
    private readonly string? _marks; // one character a layer, '1' for in; layers behind the end are out

    private LayerSet(string marks) => _marks = marks.TrimEnd('0') is { Length: > 0 } trimmed ? trimmed : null;

    public static LayerSet None => default;

    /// <summary>True when no layer is in the set.</summary>
    public bool IsEmpty => _marks is null;

    /// <summary>How many layers it reaches: the last one in it, counted from 1.</summary>
    public int Reach => _marks?.Length ?? 0;

    public static LayerSet All(int layers) => Where(layers, static _ => true);

    /// <summary>All but every <paramref name="period"/>-th: period 6 leaves out layers 5, 11, 17 ...; period 1 is empty, 0 is all.</summary>
    public static LayerSet AllButEvery(int period, int layers) => Where(layers, layer => period == 0 || layer % period < period - 1);

    public static LayerSet Where(int layers, Func<int, bool> holds) =>
        new(string.Concat(Enumerable.Range(0, Math.Max(0, layers)).Select(layer => holds(layer) ? '1' : '0')));

    public bool Contains(int layer) => _marks is { } marks && layer < marks.Length && marks[layer] == '1';

    public override string ToString() => _marks ?? "none";
}
