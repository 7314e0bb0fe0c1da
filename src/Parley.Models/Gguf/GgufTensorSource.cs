using Parley.Tensors;

namespace Parley.Models;

/// <summary>A tensor to be written: its description, and how its stored bytes are produced (exactly as many as type and shape ask for).</summary>
/// <param name="Shape">Outermost extent first; rows are whole blocks.</param>
public sealed record GgufTensorSource(string Name, Shape Shape, GgmlType Type, Action<Stream> Write)
{
    public GgufTensorSource(string name, Shape shape, DType type, Action<Stream> write)
        : this(name, shape, type.ToGgml(), write)
    {
    }

    /// <summary>Bytes in the file, without padding.</summary>
    public long ByteCount => Type.Block() is var (elements, bytes) ? Shape.Count / elements * bytes : throw new InvalidOperationException($"The type {Type} has no known size.");

    /// <summary>A tensor as it is stored.</summary>
    public static GgufTensorSource Of(string name, Tensor tensor) => new(name, tensor.Shape, tensor.DType, stream =>
    {
        foreach (var piece in tensor.Pieces())
        {
            stream.Write(piece.Bytes);
        }
    });
}
