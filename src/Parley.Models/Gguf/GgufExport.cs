using System.Runtime.InteropServices;
using Parley.Tensors;

namespace Parley.Models;

/// <summary>
/// The tensors of a decoder as GGUF stores them: llama.cpp's names, row order and storage types, fused and stacked where it wants them
/// so. Converts a few rows at a time.
/// </summary>
internal static class GgufExport
{
    public static IReadOnlyList<GgufTensorSource> Tensors(Decoder decoder, DType type)
    {
        RequireStorable(decoder.Config);
        var pieces = ParameterLayout.Of(decoder.Config).Zip(decoder.Parameters, (spec, parameter) => new Piece(spec, parameter.Value, GgufNames.Of(spec, decoder.Config).First()));
        var factors = GgufRopeScaling.Tensors(decoder.Config).Select(list => Divisors(list.Name, list.Divisors));
        return [.. pieces.GroupBy(piece => piece.Place.Name, StringComparer.Ordinal).Select(group => Source([.. group.OrderBy(piece => piece.Place.First)], type, decoder.Config)), .. factors];
    }

    private static GgufTensorSource Source(Piece[] pieces, DType type, ModelConfig config)
    {
        var stored = StoredType(pieces[0].Spec, type);
        return new GgufTensorSource(pieces[0].Place.Name, pieces[0].Place.Whole, stored, stream =>
        {
            foreach (var piece in pieces)
            {
                Write(stream, piece, stored, config);
            }
        });
    }

    private static DType StoredType(ParameterSpec spec, DType type)
    {
        if (spec.IsExact)
        {
            return DType.F32;
        }

        return spec.Shape.Last % DTypes.BlockLength(type) != 0 ? DType.F16 : type;
    }

    private static void Write(Stream stream, Piece piece, DType stored, ModelConfig config)
    {
        if (RotaryRows.ArePaired(piece.Spec, config))
        {
            for (var row = 0; row < piece.Value.Shape[0]; row++)
            {
                WriteConverted(stream, piece.Value.Rows(RotaryRows.HalvesRow(row, config), 1), stored);
            }

            return;
        }

        foreach (var rows in piece.Value.Pieces())
        {
            WriteConverted(stream, rows, stored);
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

    private static GgufTensorSource Divisors(string name, NumberList divisors) =>
        new(name, new Shape(divisors.Count), DType.F32, stream => stream.Write(MemoryMarshal.AsBytes<float>(divisors.ToArray())));

    /// <summary>llama.cpp assumes some things of a family without a key; a model that differs there would be computed wrongly.</summary>
    private static void RequireStorable(ModelConfig config)
    {
        var family = ModelFamily.Of(config);
        var usual = family.Traits(config);
        var differs = usual.UnrotatedLayers != config.UnrotatedLayers ? "unrotated layers"
            : usual.EmbeddingScale != config.EmbeddingScale && config.PostNorms ? "an embedding scale"
            : !config.NormaliseExpertWeights ? "expert weights that are not normalised"
            : config.QueryKeyNorms != usual.QueryKeyNorms ? "norms of queries and keys"
            : config.Activation == Activation.Relu2 ? "the activation relu2"
            : config.RopeStyle == RotaryStyle.Interleaved && !family.PairedRows ? "interleaved rotation"
            : null;
        if (differs is not null)
        {
            throw new ModelFormatException($"GGUF has no key for {differs} of a {config.Architecture} model; keep the checkpoint.");
        }
    }

    private readonly record struct Piece(ParameterSpec Spec, Tensor Value, GgufPlace Place);
}
