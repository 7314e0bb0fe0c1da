namespace Parley.Inference;

/// <summary>Arrays that satisfy several schemas at once. Immutable.</summary>
internal sealed record ArrayShape(IReadOnlyList<ArrayPart> Parts)
{
    public static ArrayShape Any { get; } = new([]);

    /// <summary>Items at least.</summary>
    public int Min => Parts.Select(part => part.Min).DefaultIfEmpty(0).Max();

    /// <summary>Items at most; below 0: no limit.</summary>
    public int Max => Parts.Where(part => part.Max >= 0).Select(part => part.Max).DefaultIfEmpty(-1).Min();

    public bool IsEmpty => Max >= 0 && Max < Min;

    public bool IsUnique => Parts.Any(part => part.IsUnique);

    /// <summary>How many first items may differ from the rest.</summary>
    public int PrefixLength => Parts.Select(part => part.Prefix.Count).DefaultIfEmpty(0).Max();

    /// <summary>What the item at an index must be.</summary>
    public Formula Item(int index) => Formula.All(Parts.Select(part => index < part.Prefix.Count ? part.Prefix[index] : part.Rest));

    public ArrayShape Intersect(ArrayShape other) => new([.. Parts, .. other.Parts]);
}

/// <summary>What one schema says of arrays.</summary>
internal sealed record ArrayPart
{
    public string Pointer { get; init; } = "";

    public IReadOnlyList<Formula> Prefix { get; init; } = [];

    public Formula Rest { get; init; } = Formula.Anything;

    public int Min { get; init; }

    public int Max { get; init; } = -1;

    public bool IsUnique { get; init; }

    /// <summary>What at least one item must be.</summary>
    public Formula? Contains { get; init; }
}
