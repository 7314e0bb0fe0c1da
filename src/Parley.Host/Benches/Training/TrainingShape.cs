using Parley.Models;
using Parley.Tensors;
using Parley.Training.Runs;

namespace Parley.Host.Benches.Training;

/// <summary>A model and a batch of the bench, both in the style of GPT-2: LayerNorm, learned positions, GELU, biases everywhere, tied embeddings.</summary>
/// <param name="Batch">Sequences of the whole context in a step.</param>
/// <param name="Goal">What ours over PyTorch is to reach in fp32.</param>
/// <param name="Rounds">Steps of each side, unless asked otherwise: more where a step is short, for other programs' work shows in it.</param>
internal sealed record TrainingShape(string Name, int Layers, int Width, int Heads, int Context, int Vocabulary, int Batch, double Goal, int Rounds)
{
    /// <summary>What ours with BF16 products over PyTorch in fp32 is to reach.</summary>
    public const double BFloat16Goal = 3;

    public static IReadOnlyList<TrainingShape> All { get; } =
    [
        new("gpt-12m", Layers: 6, Width: 384, Heads: 6, Context: 256, Vocabulary: 4_096, Batch: 12, Goal: 2.4, Rounds: 15),
        new("gpt2-124m", Layers: 12, Width: 768, Heads: 12, Context: 512, Vocabulary: 50_257, Batch: 2, Goal: 2, Rounds: 7),
    ];

    public int Tokens => Batch * Context;

    public ModelConfig Config => new ModelConfig
    {
        VocabularySize = Vocabulary,
        HiddenSize = Width,
        IntermediateSize = 4 * Width,
        Layers = Layers,
        Heads = Heads,
        KVHeads = Heads,
        HeadDim = Width / Heads,
        ContextLength = Context,
    }.OfFamily("gpt2");

    /// <summary>Floating-point operations of a step's matrix products and attention.</summary>
    public double Operations => Tokens * StepOperations.PerToken(Config, Context);

    /// <summary>A token of the bench's text: random, but for a pattern that can be learnt.</summary>
    public int[] Row(int batch, int sequence)
    {
        var row = new int[Context + 1];
        for (var i = 0; i < row.Length; i++)
        {
            row[i] = i % 4 == 3 ? (row[i - 1] + 1) % Vocabulary : (int)(Philox.Uniform(5, (ulong)(batch * Batch + sequence), (ulong)i) * Vocabulary);
        }

        return row;
    }
}
