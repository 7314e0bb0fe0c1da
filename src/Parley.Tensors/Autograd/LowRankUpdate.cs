using System.Runtime.InteropServices;

namespace Parley.Tensors.Autograd;

/// <summary>
/// Adds low-rank updates to what a linear map gave. With a tape they are ordinary operations, so that they can be learned; without one, a kernel
/// takes all updates of the batch at once and gives the same bits. Its list is kept from call to call: a steady state allocates nothing.
/// </summary>
internal sealed class LowRankUpdate(Operations operations)
{
    private readonly List<LowRankSegment> _segments = [];

    /// <param name="rows">Which rows are adapted.</param>
    /// <param name="x">[T, K]</param>
    /// <param name="weight">The map.</param>
    /// <param name="output">[T, N]: x . weight^T (+ bias); without a tape overwritten.</param>
    /// <returns>[T, N]</returns>
    /// <exception cref="InvalidOperationException">The rows of x are not those of the batch: this map cannot be adapted.</exception>
    public Tensor Add(LowRankRows rows, Tensor x, Parameter weight, Tensor output)
    {
        _segments.Clear();
        for (var i = 0; i < rows.Updates.Count; i++)
        {
            if (rows.Updates[i].Find(weight) is { } pair)
            {
                var (first, count) = rows.RangeOf(i);
                _segments.Add(new(pair, first, count));
            }
        }

        if (_segments.Count == 0) return output;
        if (rows.Count != x.Shape.Rows) throw new InvalidOperationException($"'{weight.Name}' sees {x.Shape.Rows} rows of a batch of {rows.Count}; it cannot be adapted.");
        if (operations.Tape is not null) return Recorded(rows, x, output);
        operations.Device.LowRank(x, rows.Rows, CollectionsMarshal.AsSpan(_segments), output);
        return output;
    }

    private Tensor Recorded(LowRankRows rows, Tensor x, Tensor output)
    {
        var (pair, _, count) = _segments[0];
        return count == rows.Count
            ? operations.Residual(output, operations.Linear(operations.Linear(x, pair.A), pair.B), pair.Scale)
            : throw new NotSupportedException("With a tape all rows of a batch have one adapter; split the batch.");
    }
}
