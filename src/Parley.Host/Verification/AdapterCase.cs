using Parley.Models;
using Parley.Tensors;

namespace Parley.Host.Verification;

/// <summary>A tiny model of random weights with two adapters of random numbers for every matrix of its layers: the same for llama.cpp and for us.</summary>
/// <param name="Seed">Of its weights and of the adapters.</param>
internal sealed record AdapterCase(string Name, ulong Seed, ModelConfig Config)
{
    public const int Adapters = 2;
    private const float Alpha = 4.5f; // over a rank: a scale that is no whole number

    /// <summary>Rotary rows in pairs, maps that the file fuses, norms of queries and keys.</summary>
    public static IReadOnlyList<AdapterCase> All { get; } =
    [
        new("llama", 21, TinyModelFile.Llama),
        new("gpt2", 22, (TinyModelFile.Llama with { KVHeads = 4 }).OfFamily("gpt2")),
        new("qwen3", 23, TinyModelFile.Llama.OfFamily("qwen3")),
    ];

    public static int[] Tokens { get; } = TinyVocabularies.BytePairs.Encode("The cat sat on the mat, and the rat sat on the long way to the sea.");

    /// <summary>Writes the model and its adapters into a folder.</summary>
    public (string Model, IReadOnlyList<string> Adapters) WriteFiles(string folder)
    {
        var model = Path.Combine(folder, Name + ".gguf");
        TinyModelFile.Write(model, Config, Seed);
        string[] adapters = [.. Enumerable.Range(0, Adapters).Select(number => Path.Combine(folder, $"{Name}-adapter-{number}.gguf"))];
        for (var number = 0; number < Adapters; number++)
        {
            WriteAdapter(adapters[number], model, number);
        }

        return (model, adapters);
    }

    // As llama.cpp's converter does: a pair for each matrix that the model's file has in its layers.
    private void WriteAdapter(string path, string model, int number)
    {
        using var reader = GgufReader.Open(model);
        var (rank, pairs) = (3 + (5 * number), new List<GgufTensorSource>());
        foreach (var (name, info) in reader.Tensors.Where(tensor => tensor.Value.Shape.Rank == 2 && tensor.Key.StartsWith("blk.", StringComparison.Ordinal)))
        {
            pairs.Add(GgufTensorSource.Of(name + ".lora_a", Random(new Shape(rank, info.Shape[1]), number, pairs.Count, 1 / MathF.Sqrt(info.Shape[1]))));
            pairs.Add(GgufTensorSource.Of(name + ".lora_b", Random(new Shape(info.Shape[0], rank), number, pairs.Count, 0.3f)));
        }

        GgufWriter.Write(path, new GgufMetadata
        {
            ["general.architecture"] = reader.Metadata.Text("general.architecture"), ["general.type"] = "adapter", ["adapter.type"] = "lora", ["adapter.lora.alpha"] = Alpha,
        }, pairs);
    }

    private Tensor Random(Shape shape, int number, int stream, float deviation)
    {
        var tensor = Tensor.Allocate(shape);
        Philox.FillNormal(tensor, Seed + (ulong)(100 * (number + 1)), (ulong)stream, deviation);
        return tensor;
    }
}
