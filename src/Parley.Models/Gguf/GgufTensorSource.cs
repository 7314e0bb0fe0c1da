using Parley.Tensors;

namespace Parley.Models;

/// <summary>A tensor to be written: its description, and how its stored bytes are produced (exactly as many as type and shape ask for).</summary>
/// <param name="Shape">Outermost extent first.</param>
public sealed record GgufTensorSource(string Name, Shape Shape, DType Type, Action<Stream> Write)
{
    /// <summary>A tensor as it is stored.</summary>
    public static GgufTensorSource Of(string name, Tensor tensor) => new(name, tensor.Shape, tensor.DType, stream =>
    {
        foreach (var piece in tensor.Pieces())
        {
            stream.Write(piece.Bytes);
        }
    });
}
