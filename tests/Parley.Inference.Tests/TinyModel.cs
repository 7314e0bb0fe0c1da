using Parley.Models;
using Parley.Tensors;

namespace Parley.Inference.Tests;

/// <summary>A random decoder small enough to run thousands of steps in a test, yet with every part of a real one (grouped heads, two layers).</summary>
internal static class TinyModel
{
    public const int Vocabulary = 72;

    public static ModelConfig Config { get; } = new()
    {
        VocabularySize = Vocabulary,
        HiddenSize = 32,
        IntermediateSize = 48,
        Layers = 2,
        Heads = 4,
        KVHeads = 2,
        HeadDim = 16,
        ContextLength = 96,
    };

    public static Decoder Create(ulong seed = 7, int contextLength = 96) => Sharpened(Decoder.Initialize(Config with { ContextLength = contextLength }, seed));

    /// <summary>A cross-encoder with two types of tokens and one class.</summary>
    public static Decoder Encoder() => Sharpened(Decoder.Initialize(
        (Config with { KVHeads = 4 }).OfFamily("bert") with { Pooling = Pooling.Rank, TokenTypes = 2, Classes = 1, ClassifierDense = true },
        7));

    /// <summary>Wide enough for blocks of 256 weights; every matrix is stored in the type.</summary>
    public static Decoder Quantized(DType type, int contextLength = 96)
    {
        var config = Config with { HiddenSize = 256, IntermediateSize = 256, Layers = 1, HeadDim = 32, ContextLength = contextLength };
        using var source = Sharpened(Decoder.Initialize(config, 7));
        return new Decoder(config, source.Parameters.ToDictionary(parameter => parameter.Name, parameter => Stored(parameter, type), StringComparer.Ordinal));
    }

    private static Parameter Stored(Parameter parameter, DType type)
    {
        var value = Tensor.Allocate(parameter.Value.Shape, parameter.Value.Shape.Rank == 2 && parameter.Value.Shape.Last % DTypes.BlockLength(type) == 0 ? type : DType.F32);
        value.CopyFrom(parameter.Value);
        return new Parameter(parameter.Name, value);
    }

    // Fresh weights are small: attention is nearly even and so are the logits. Larger ones make every earlier token matter to the next.
    private static Decoder Sharpened(Decoder decoder)
    {
        foreach (var parameter in decoder.Parameters.Where(parameter => parameter.Value.Shape.Rank == 2))
        {
            var factor = parameter == decoder.Head ? 12 : 6;
            parameter.Value.CopyFrom([.. parameter.Value.ToArray().Select(value => value * factor)]);
            parameter.MarkChanged();
        }

        return decoder;
    }
}
