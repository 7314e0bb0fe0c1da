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
