namespace Parley.Tensors.Kernels;

/// <summary>
/// Query rows of one sequence under one kv head: row r is position (FirstLinear + r) / Group of the span under the group's head
/// (FirstLinear + r) % Group. Heads lie innermost, so that neighbouring rows see nearly the same keys.
/// </summary>
internal readonly record struct AttentionItem(int Span, AttentionSpan Source, int KVHead, int Group, int FirstLinear, int Rows, bool Causal)
{
    /// <summary>The position of the first row.</summary>
    internal int FirstPosition => Source.Position + FirstLinear / Group;

    /// <summary>The last key that any of the rows sees.</summary>
    internal int LastPosition => Causal ? Source.Position + (FirstLinear + Rows - 1) / Group : Source.Position + Source.Count - 1;

    /// <summary>The last key that a row sees.</summary>
    /// <param name="position">The row's, counted from the span's first.</param>
    internal int LastVisible(int position) => Causal ? Source.Position + position : LastPosition;
}
