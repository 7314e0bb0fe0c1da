namespace Parley.Tensors;

/// <summary>One update and its rows: entries <paramref name="First"/>..+<paramref name="Count"/> of a list of row numbers.</summary>
public readonly record struct LowRankSegment(LowRankPair Pair, int First, int Count);
