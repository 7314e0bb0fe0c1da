namespace Parley.Inference;

/// <summary>A token that may be drawn. Ordered best first: the larger value, then the lower id.</summary>
internal readonly record struct Candidate(int Token, float Value) : IComparable<Candidate>
{
    public int CompareTo(Candidate other)
    {
        var byValue = other.Value.CompareTo(Value);
        return byValue != 0 ? byValue : Token.CompareTo(other.Token);
    }

    /// <summary>As <see cref="CompareTo"/> for values that are numbers, and faster.</summary>
    public bool IsBetterThan(Candidate other) => Value > other.Value || (Value == other.Value && Token < other.Token);
}
