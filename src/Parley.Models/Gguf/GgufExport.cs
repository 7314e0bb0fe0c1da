using Parley.Tensors;

namespace Parley.Models;

/// <summary>The tensors of a decoder as GGUF stores them: llama.cpp's names, row order and storage types. Converts a few rows at a time.</summary>
internal static class GgufExport
{
    public static IReadOnlyList<GgufTensorSource> Tensors(Decoder decoder, DType type) =>
        [.. ParameterLayout.Of(decoder.Config).Zip(decoder.Parameters, (spec, parameter) => Source(spec, parameter.Value, type, decoder.Config))];

    private static GgufTensorSource Source(ParameterSpec spec, Tensor value, DType type, ModelConfig config)
    {
        var stored = StoredType(spec, type);
        var paired = spec.Role == ParameterRole.Rotated && config.RopeStyle == RotaryStyle.Neox;
        return new GgufTensorSource(GgufNames.Of(spec), spec.Shape, stored, paired
            ? stream => WritePairs(stream, value, stored, config.HeadDim)
            : stream => WriteRows(stream, value, stored));
    }

    private static DType StoredType(ParameterSpec spec, DType type)
    {
        if (spec.Role == ParameterRole.Norm)
        {
            return DType.F32;
        }

        return spec.Shape.Last % DTypes.BlockLength(type) != 0 ? DType.F16 : type;
    }

    private static void WriteRows(Stream stream, Tensor value, DType stored)
    {
        foreach (var piece in value.Pieces())
        {
            WriteConverted(stream, piece, stored);
        }
    }

    private static void WritePairs(Stream stream, Tensor value, DType stored, int headDim)
    {
        for (var row = 0; row < value.Shape[0]; row++)
        {
            WriteConverted(stream, value.Rows(RotaryRows.HalvesRow(row, headDim), 1), stored);
        }
    }

    private static void WriteConverted(Stream stream, Tensor piece, DType stored)
    {
        if (piece.DType == stored)
        {
            stream.Write(piece.Bytes);
            return;
        }

        var bytes = new byte[DTypes.ByteCount(stored, piece.Shape.Count)];
        DTypes.Encode(stored, piece.ToArray(), bytes);
        stream.Write(bytes);
    }
}
