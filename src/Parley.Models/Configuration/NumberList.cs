using System.Collections;

namespace Parley.Models;

/// <summary>Numbers that compare by content, so that a configuration that holds them does. The default is empty.</summary>
public readonly struct NumberList(IEnumerable<float> values) : IReadOnlyList<float>, IEquatable<NumberList>
{
    private readonly float[]? _values = [.. values];

    public int Count => Values.Length;

    private float[] Values => _values ?? [];

    public float this[int index] => Values[index];

    public static bool operator ==(NumberList left, NumberList right) => left.Equals(right);

    public static bool operator !=(NumberList left, NumberList right) => !left.Equals(right);

    public bool Equals(NumberList other) => Values.AsSpan().SequenceEqual(other.Values);

    public override bool Equals(object? obj) => obj is NumberList other && Equals(other);

    public override int GetHashCode() => Values.Aggregate(Count, HashCode.Combine);

    public IEnumerator<float> GetEnumerator() => ((IEnumerable<float>)Values).GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
}
