using System.Runtime.InteropServices;
using Parley.Host.Benches.Engines;
using Parley.Models;

namespace Parley.Host.Benches.Training;

/// <summary>What both sides start from: the initial weights as safetensors, the batches as rows of int32, the peer's script.</summary>
internal static class TrainingFiles
{
    /// <summary>Batches in the file; later steps begin again.</summary>
    public const int Batches = 16;

    private const ulong Seed = 1;

    public static string Weights(TrainingShape shape) => Path.Combine(BenchCache.Folder, $"training-{shape.Name}.safetensors");

    public static string Tokens(TrainingShape shape) => Path.Combine(BenchCache.Folder, $"training-{shape.Name}.i32");

    public static string Script => Path.Combine(BenchCache.Folder, "torch_gpt.py");

    public static Decoder Initial(TrainingShape shape) => Decoder.Initialize(shape.Config, Seed);

    public static void Write(TrainingShape shape)
    {
        using (var decoder = Initial(shape))
        using (var weights = File.Create(Weights(shape)))
        {
            SafetensorsWriter.Write(weights, decoder.Parameters.ToDictionary(parameter => parameter.Name, parameter => parameter.Value, StringComparer.Ordinal));
        }

        using (var tokens = File.Create(Tokens(shape)))
        {
            for (var batch = 0; batch < Batches; batch++)
            {
                for (var row = 0; row < shape.Batch; row++)
                {
                    tokens.Write(MemoryMarshal.AsBytes(shape.Row(batch, row).AsSpan()));
                }
            }
        }

        using var script = File.Create(Script);
        typeof(TrainingFiles).Assembly.GetManifestResourceStream("torch_gpt.py")!.CopyTo(script);
    }
}
