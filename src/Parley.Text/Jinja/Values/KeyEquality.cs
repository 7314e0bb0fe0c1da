namespace Parley.Text.Jinja;

/// <summary>Which values can be keys, and when two are one: as in Python, 1, 1.0 and True are the same key.</summary>
internal sealed class KeyEquality : IEqualityComparer<JinjaValue>
{
    public static KeyEquality Instance { get; } = new();

    /// <summary>The key, once it is known that it can be one and that hashing it is paid for.</summary>
    /// <exception cref="JinjaFault">It can be changed, and so cannot be a key.</exception>
    public static JinjaValue Checked(JinjaValue key, Meter meter)
    {
        if (!CanBeKey(key))
            throw new JinjaFault($"a value of type {key.TypeName} cannot be the key of a dict");
        meter.Step(key switch
        {
            JinjaString text => text.Text.Length >> 6,
            JinjaList tuple => tuple.Items.Sum(item => 1L + ((item as JinjaString)?.Text.Length >> 6 ?? 0)),
            _ => 0,
        });
        return key;
    }

    // A tuple in a tuple would have to be hashed to any depth; nobody keys a dict by that.
    public static bool CanBeKey(JinjaValue value) => IsScalar(value) || (value is JinjaList { IsTuple: true } tuple && tuple.Items.TrueForAll(IsScalar));

    public bool Equals(JinjaValue? x, JinjaValue? y) => (x, y) switch
    {
        (JinjaString a, JinjaString b) => a.Text == b.Text,
        (JinjaNone, JinjaNone) or (JinjaUndefined, JinjaUndefined) => true,
        (JinjaList a, JinjaList b) => a.Items.SequenceEqual(b.Items, this),
        _ => x is not null && y is not null && Number.Is(x) && Number.Is(y) && Number.Float(x).Equals(Number.Float(y)),
    };

    // Seeded by the process, so that nobody can prepare keys that collide.
    public int GetHashCode(JinjaValue value)
    {
        if (value is JinjaString text)
            return text.Text.GetHashCode(StringComparison.Ordinal);
        if (Number.Is(value))
            return HashCode.Combine(BitConverter.DoubleToInt64Bits(Number.Float(value) + 0.0) >> 32, (int)BitConverter.DoubleToInt64Bits(Number.Float(value) + 0.0));
        var hash = default(HashCode);
        foreach (var item in (value as JinjaList)?.Items ?? [])
            hash.Add(GetHashCode(item));
        return hash.ToHashCode();
    }

    private static bool IsScalar(JinjaValue value) => value is JinjaString or JinjaNone or JinjaUndefined || Number.Is(value);
}
