namespace Parley.Tensors.Kernels;

/// <summary>
/// Query rows of one sequence under one kv head: row r is position (FirstLinear + r) / Group of the span under the group's head
/// (FirstLinear + r) % Group. Heads lie innermost, so that neighbouring rows see nearly the same keys.
/// </summary>
internal readonly record struct AttentionItem(int Span, AttentionSpan Source, int KVHead, int Group, int FirstLinear, int Rows)
{
    /// <summary>The position of the first row.</summary>
    internal int FirstPosition => Source.Position + FirstLinear / Group;

    /// <summary>The position of the last row, the last key that any of them sees.</summary>
    internal int LastPosition => Source.Position + (FirstLinear + Rows - 1) / Group;
}
