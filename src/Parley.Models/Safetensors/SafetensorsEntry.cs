using Parley.Tensors;

namespace Parley.Models;

/// <summary>Where one tensor lies in a safetensors file.</summary>
/// <param name="StoredAs">The type as the file names it.</param>
/// <param name="Offset">From the start of the file.</param>
public sealed record SafetensorsEntry(string Name, string StoredAs, Shape Shape, long Offset, long ByteCount)
{
    /// <summary>Our type of the same layout; null for types that weights do not have (a mask of BOOL, indices of I64 ...).</summary>
    public DType? DType => StoredAs switch
    {
        "F32" => Tensors.DType.F32,
        "F16" => Tensors.DType.F16,
        "BF16" => Tensors.DType.BF16,
        _ => null,
    };

    /// <summary>Bytes of one element of a type of the format; 0 for a name that is no known type.</summary>
    internal static int ElementBytes(string storedAs) => storedAs switch
    {
        "F64" or "I64" or "U64" => 8,
        "F32" or "I32" or "U32" => 4,
        "F16" or "BF16" or "I16" or "U16" => 2,
        "I8" or "U8" or "BOOL" or "F8_E4M3" or "F8_E5M2" or "F8_E8M0" => 1,
        _ => 0,
    };
}
