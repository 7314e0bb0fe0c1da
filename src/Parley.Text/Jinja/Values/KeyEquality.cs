namespace Parley.Text.Jinja;

/// <summary>Which values can be keys, and when two are one: as in Python, 1, 1.0 and True are the same key.</summary>
internal sealed class KeyEquality : IEqualityComparer<JinjaValue>
{
    public static KeyEquality Instance { get; } = new();

    public bool Equals(JinjaValue? x, JinjaValue? y) => (x, y) switch
    {
        (JinjaString a, JinjaString b) => a.Text == b.Text,
        (JinjaNone, JinjaNone) => true,
        (JinjaList a, JinjaList b) => a.Items.SequenceEqual(b.Items, this),
        _ => x is not null && y is not null && Number(x) is { } a && Number(y) is { } b && a == b,
    };

    public int GetHashCode(JinjaValue value) => value switch
    {
        JinjaString text => text.Text.GetHashCode(StringComparison.Ordinal),
        JinjaNone => 1,
        JinjaList { IsTuple: true } tuple => tuple.Items.Aggregate(7, (hash, item) => (hash * 31) + HashOfScalar(item)),
        _ => HashOfScalar(value),
    };

    // A tuple in a tuple would have to be hashed to any depth; nobody keys a map by that.
    private int HashOfScalar(JinjaValue value) => value is not JinjaList && (value is JinjaString or JinjaNone || Number(value) is not null)
        ? Number(value)?.GetHashCode() ?? GetHashCode(value)
        : throw new JinjaFault($"a {value.TypeName} cannot be the key of a dict.");

    private static double? Number(JinjaValue value) => value switch
    {
        JinjaBool boolean => boolean.Value ? 1 : 0,
        JinjaInt integer => (double)integer.Value,
        JinjaFloat real => real.Value,
        _ => null,
    };
}
