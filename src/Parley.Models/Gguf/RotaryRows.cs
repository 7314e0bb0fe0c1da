using Parley.Tensors;

namespace Parley.Models;

/// <summary>
/// The two row orders of query and key projections. Hugging Face rotates element i of a head with i + Dh/2; llama.cpp's
/// "llama" rotates 2i with 2i + 1, and its converter therefore stores the rows so that halves become pairs. Reordering rows
/// changes no product, so nothing is lost; whole rows move, so quantised blocks move untouched.
/// </summary>
internal static class RotaryRows
{
    /// <summary>The row of the halves order that stands at <paramref name="row"/> of the pairs order.</summary>
    public static int HalvesRow(int row, int headDim)
    {
        var (head, within) = Math.DivRem(row, headDim);
        return (head * headDim) + (within % 2 * (headDim / 2)) + (within / 2);
    }

    /// <summary>Copies a tensor in the pairs order (GGUF) to one in the halves order.</summary>
    public static Tensor ToHalves(Tensor pairs, int headDim)
    {
        var halves = Tensor.Allocate(pairs.Shape, pairs.DType);
        for (var row = 0; row < pairs.Shape[0]; row++)
        {
            halves.Rows(HalvesRow(row, headDim), 1).CopyFromBytes(pairs.Rows(row, 1).Bytes);
        }

        return halves;
    }
}
