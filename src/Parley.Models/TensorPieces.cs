using Parley.Tensors;

namespace Parley.Models;

/// <summary>Walks a tensor in views of whole rows of at most a few megabytes, because a span ends at 2 GB and a tensor does not.</summary>
internal static class TensorPieces
{
    private const long PieceElements = 1 << 20;

    /// <summary>Views on axis 0, in order, together the whole tensor; each holds at least one row.</summary>
    public static IEnumerable<Tensor> Pieces(this Tensor tensor)
    {
        foreach (var (first, count) in Ranges(tensor.Shape))
        {
            yield return tensor.Rows(first, count);
        }
    }

    /// <summary>The same ranges for a shape whose tensor does not exist yet.</summary>
    public static IEnumerable<(int First, int Count)> Ranges(Shape shape)
    {
        var rows = shape[0];
        var rowElements = rows == 0 ? 0 : shape.Count / rows;
        var step = (int)Math.Clamp(PieceElements / Math.Max(1, rowElements), 1, int.MaxValue);
        for (var first = 0L; first < rows; first += step)
        {
            yield return ((int)first, (int)Math.Min(step, rows - first));
        }
    }
}
