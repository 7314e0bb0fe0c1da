namespace Parley.Tensors;

/// <summary>
/// Consecutive positions of one sequence inside a batch: rows <paramref name="FirstRow"/>..+<paramref name="Count"/> of q, k and v are
/// positions <paramref name="Position"/>..+<paramref name="Count"/>, and block b of <paramref name="Blocks"/> holds the keys and values of
/// positions b * 16 .. b * 16 + 15. Without a cache <paramref name="Blocks"/> is empty.
/// </summary>
public readonly record struct AttentionSpan(int FirstRow, int Count, int Position, ReadOnlyMemory<int> Blocks);
