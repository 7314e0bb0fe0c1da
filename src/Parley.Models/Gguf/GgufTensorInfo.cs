using Parley.Tensors;

namespace Parley.Models;

/// <summary>Where one tensor lies in a GGUF file.</summary>
/// <param name="Shape">Outermost extent first (the file lists the innermost first).</param>
/// <param name="Offset">From the start of the file.</param>
public sealed record GgufTensorInfo(string Name, Shape Shape, GgmlType Type, long Offset, long ByteCount);
