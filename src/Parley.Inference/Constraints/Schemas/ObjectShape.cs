namespace Parley.Inference;

/// <summary>Objects that satisfy several schemas at once. Immutable.</summary>
internal sealed record ObjectShape(IReadOnlyList<ObjectPart> Parts)
{
    public static ObjectShape Any { get; } = new([]);

    /// <summary>Members at least.</summary>
    public int Min => Parts.Select(part => part.Min).DefaultIfEmpty(0).Max();

    /// <summary>Members at most; below 0: no limit.</summary>
    public int Max => Parts.Where(part => part.Max >= 0).Select(part => part.Max).DefaultIfEmpty(-1).Min();

    public IEnumerable<string> Required => Parts.SelectMany(part => part.Required).Distinct(StringComparer.Ordinal);

    /// <summary>The names with a place of their own, in order: declared ones as the schema has them, then required ones that nobody declares.</summary>
    public IEnumerable<string> Names => Parts.SelectMany(part => part.Properties.Select(property => property.Name)).Concat(Required).Distinct(StringComparer.Ordinal);

    /// <summary>What the member of a name must be.</summary>
    public Formula Member(string name, ShapeExpander expander) => Formula.All(Parts.Select(part => part.Member(name, expander)));

    public ObjectShape Intersect(ObjectShape other) => new([.. Parts, .. other.Parts]);
}

/// <summary>What one schema says of objects.</summary>
internal sealed record ObjectPart
{
    public string Pointer { get; init; } = "";

    public IReadOnlyList<(string Name, Formula Value)> Properties { get; init; } = [];

    public IReadOnlyList<string> Required { get; init; } = [];

    /// <summary>Names that match must have such values; a name may match several.</summary>
    public IReadOnlyList<(TextAutomaton Names, Formula Value)> Patterns { get; init; } = [];

    /// <summary>What members that neither are declared nor match a pattern must be.</summary>
    public Formula Additional { get; init; } = Formula.Anything;

    /// <summary>What every name must be.</summary>
    public Formula Names { get; init; } = Formula.Anything;

    public int Min { get; init; }

    public int Max { get; init; } = -1;

    public Formula Member(string name, ShapeExpander expander)
    {
        if (Names != Formula.Anything && !expander.TextsOf(Names).Any(text => new TextLengths(text.Language, text.Min, text.Max).Accepts(name)))
        {
            return Formula.Nothing;
        }

        Formula[] values =
        [
            .. Properties.Where(property => property.Name == name).Select(property => property.Value),
            .. Patterns.Where(pattern => pattern.Names.Accepts(name)).Select(pattern => pattern.Value),
        ];
        return values.Length > 0 ? Formula.All(values) : Additional;
    }
}
