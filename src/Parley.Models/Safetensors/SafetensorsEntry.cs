using Parley.Tensors;

namespace Parley.Models;

/// <summary>Where one tensor lies in a safetensors file; <paramref name="Offset"/> counts from the start of the file.</summary>
public sealed record SafetensorsEntry(string Name, DType DType, Shape Shape, long Offset, long ByteCount);
