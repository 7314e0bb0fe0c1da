namespace Parley.Tensors;

/// <content>What must hold before bare pointers are used.</content>
public sealed partial class CpuDevice
{
    private static void RequireShape(Tensor tensor, Shape shape)
    {
        if (tensor.Shape != shape) throw new ArgumentException($"A tensor of shape {tensor.Shape} was given where {shape} is needed.");
    }

    /// <summary>The length of the rows that are normalised: the weight's, of which whole ones make up a row of x (a row, or each of its heads).</summary>
    private static int RequireRowWeight(Tensor x, Tensor weight)
    {
        var columns = checked((int)weight.Shape.Count);
        if (columns == 0 || x.Shape.Last % columns != 0)
        {
            throw new ArgumentException($"A weight of shape {weight.Shape} does not fit rows of {x.Shape.Last}.");
        }

        return columns;
    }

    private static void RequireIndices(ReadOnlySpan<int> indices, int limit, string name, string of)
    {
        foreach (var index in indices)
        {
            if ((uint)index >= (uint)limit) throw new ArgumentException($"{name} {index} is not among the {limit} {of}.");
        }
    }

    private static void RequireRope(Tensor x, int heads, RotaryTable table, ReadOnlySpan<int> positions)
    {
        RequireShape(x, new(positions.Length, heads * table.HeadDim));
        RequireIndices(positions, table.MaxPositions, "Position", "positions of the rotary table");
    }

    private static void RequireAttention(in AttentionOperands operands, AttentionBatch batch)
    {
        operands.Settings.Check();
        int queryColumns = operands.Q.Shape.Last, kvColumns = operands.K.Shape.Last;
        if (queryColumns % operands.HeadDim != 0 || kvColumns % operands.HeadDim != 0 || kvColumns == 0 || queryColumns % kvColumns != 0)
        {
            throw new ArgumentException($"{queryColumns} query and {kvColumns} key columns are not whole groups of heads of {operands.HeadDim}.");
        }

        RequireShape(operands.Q, new(batch.Rows, queryColumns));
        RequireShape(operands.K, new(batch.Rows, kvColumns));
        RequireShape(operands.V, operands.K.Shape);
        RequireShape(operands.Output, operands.Q.Shape);
        RequireShape(operands.Maxima, new(batch.Rows, operands.Heads));
        RequireShape(operands.Normalisers, operands.Maxima.Shape);
        if (batch.Cache is not null && !operands.Settings.Causal)
        {
            throw new ArgumentException("Bidirectional attention sees whole sequences and has no cache; give a batch without one.");
        }

        if (batch.Cache is { } cache && (cache.HeadDim != operands.HeadDim || cache.KVHeads != operands.KVHeads))
        {
            throw new ArgumentException(
                $"The cache holds {cache.KVHeads} kv heads of {cache.HeadDim}, the keys have {operands.KVHeads} of {operands.HeadDim}.");
        }
    }
}
