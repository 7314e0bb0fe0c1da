using Parley.Tensors;

namespace Parley.Models.Tests;

/// <summary>Small random models, each a pure function of a seed, and copies of their weights as floats.</summary>
internal static class TinyModels
{
    /// <summary>Grouped queries, H * Dh different from D, nothing square: a swapped extent shows.</summary>
    public static ModelConfig Config(bool tied = false, RotaryStyle style = RotaryStyle.Neox) => new()
    {
        VocabularySize = 48,
        HiddenSize = 32,
        IntermediateSize = 64,
        Layers = 2,
        Heads = 4,
        KVHeads = 2,
        HeadDim = 16,
        ContextLength = 128,
        TieEmbeddings = tied,
        RopeStyle = style,
    };

    /// <summary>A model whose numbers are large enough for every operation to matter (at initial size attention is nearly uniform).</summary>
    /// <param name="gainBits">If given, gains are multiples of 2^-gainBits.</param>
    public static Decoder Lively(ModelConfig config, ulong seed = 7, int gainBits = 0)
    {
        var parameters = new Dictionary<string, Parameter>(StringComparer.Ordinal);
        foreach (var (spec, stream) in ParameterLayout.Of(config).Select((spec, index) => (spec, (ulong)index)))
        {
            var value = Tensor.Allocate(spec.Shape);
            var isNorm = spec.Role == ParameterRole.Norm;
            Philox.FillNormal(value, seed, stream, isNorm ? 0.2f : 1f / MathF.Sqrt(spec.Shape.Last));
            if (isNorm)
            {
                var step = MathF.ScaleB(1, gainBits);
                value.CopyFrom(value.ToArray().Select(number => 1f + (gainBits == 0 ? number : MathF.Round(number * step) / step)).ToArray());
            }

            parameters.Add(spec.Name, new Parameter(spec.Name, value));
        }

        return new Decoder(config, parameters);
    }

    public static int[] Tokens(int count, int vocabulary, ulong seed = 3) =>
        [.. Enumerable.Range(0, count).Select(i => (int)(Philox.Next(seed, 99, (ulong)i).X % (uint)vocabulary))];

    public static Dictionary<string, float[]> Weights(Decoder decoder) =>
        decoder.Parameters.ToDictionary(parameter => parameter.Name, parameter => parameter.Value.ToArray(), StringComparer.Ordinal);

    public static CheckpointContents Contents(Decoder decoder, bool training = true) => new()
    {
        Decoder = decoder,
        Tokenizer = "{\"model\":{}}"u8.ToArray(),
        Lineage = new CheckpointLineage("run-1", "run-0/step-5", 42, "abc123", 1200),
        Optimizer = training
            ? new Dictionary<string, Tensor>(StringComparer.Ordinal) { ["m.a"] = Tensor.FromHost(new Shape(3), [1, 2, 3]), ["v.a"] = Tensor.FromHost(new Shape(1, 2), [4, 5]) }
            : null,
        TrainingState = training ? "{\"step\":1200}"u8.ToArray() : null,
    };
}
