using Parley.Inference;
using Parley.Models;
using Parley.Tensors;

namespace Parley.Host.Verification;

/// <summary>Writes a tiny model as the GGUF file that both sides read. Its weights are a pure function of the seed.</summary>
internal static class TinyModelFile
{
    /// <summary>Two layers with grouped heads, for the byte pairs.</summary>
    public static ModelConfig Llama { get; } = new()
    {
        VocabularySize = TinyVocabularies.BytePairs.VocabularySize,
        HiddenSize = 64,
        IntermediateSize = 96,
        Layers = 2,
        Heads = 4,
        KVHeads = 2,
        HeadDim = 16,
        ContextLength = 128,
    };

    public static void Write(string path, EmbeddingCase chosen) => Write(path, chosen.Config, chosen.Seed);

    public static void Write(string path, ModelConfig config, ulong seed)
    {
        var decoder = Create(config, seed);
        if (config.Architecture == "bert")
        {
            using (decoder)
            {
                GgufModel.Export(path, decoder, DType.F32, TinyVocabularies.WordPieceKeys());
            }

            return;
        }

        using var model = new LoadedModel("tiny", decoder, TinyVocabularies.BytePairs);
        model.ExportGguf(path, DType.F32);
    }

    // Larger than a model starts with, so that every operation matters.
    private static Decoder Create(ModelConfig config, ulong seed)
    {
        var parameters = new Dictionary<string, Parameter>(StringComparer.Ordinal);
        foreach (var (spec, stream) in ParameterLayout.Of(config).Select((spec, index) => (spec, (ulong)index)))
        {
            var value = Tensor.Allocate(spec.Shape);
            var isNorm = spec.Role == ParameterRole.Norm;
            Philox.FillNormal(value, seed, stream, spec.Shape.Rank == 1 ? 0.2f : 1.5f / MathF.Sqrt(spec.Shape.Last));
            if (isNorm)
            {
                value.CopyFrom([.. value.ToArray().Select(number => 1 + number)]);
            }

            parameters.Add(spec.Name, new Parameter(spec.Name, value));
        }

        return new Decoder(config, parameters);
    }
}
