using Parley.Tensors;

namespace Parley.Models;

/// <summary>
/// The two row orders of query and key projections. Hugging Face rotates element i of a head with i + R/2; llama.cpp's
/// "llama" and its kin rotate 2i with 2i + 1, and their converter therefore stores the rows so that halves become pairs. Reordering rows
/// changes no product, so nothing is lost; whole rows move, so quantised blocks move untouched.
/// </summary>
internal static class RotaryRows
{
    /// <summary>True for a tensor whose rows files of the family store as pairs while the configuration rotates halves.</summary>
    public static bool ArePaired(ParameterSpec spec, ModelConfig config) =>
        spec.Role is ParameterRole.Rotated or ParameterRole.RotatedBias && config.RopeStyle == RotaryStyle.Neox && ModelFamily.Of(config).PairedRows;

    /// <summary>The row of the halves order that stands at <paramref name="row"/> of the pairs order; rows behind the rotated ones stay.</summary>
    public static int HalvesRow(int row, ModelConfig config)
    {
        var (head, within) = Math.DivRem(row, config.HeadDim);
        return within >= config.RotatedWidth ? row : (head * config.HeadDim) + (within % 2 * (config.RotatedWidth / 2)) + (within / 2);
    }

    /// <summary>Copies a tensor in the pairs order (GGUF) to one in the halves order.</summary>
    public static Tensor ToHalves(Tensor pairs, ModelConfig config)
    {
        var halves = Tensor.AllocateLongLived(pairs.Shape, pairs.DType);
        for (var row = 0; row < pairs.Shape[0]; row++)
        {
            halves.Rows(HalvesRow(row, config), 1).CopyFromBytes(pairs.Rows(row, 1).Bytes);
        }

        return halves;
    }
}
