using System.Runtime.InteropServices;
using Parley.Host.Measurements;
using Parley.Tensors;

namespace Parley.Host.Benches.Training;

/// <summary>
/// Training steps - forward, backward, AdamW - beside PyTorch's on the same model, weights, batches and threads. No speed is printed before
/// both sides computed the same losses.
/// </summary>
internal sealed class TrainingExercise : IExercise
{
    private const int Threads = 2;
    private const int LeastRounds = 5;

    public string Name => "training";

    public string Description =>
        "training steps beside PyTorch's on the same model, weights, batches and threads: a GPT of 12M and GPT-2 124M (about 6 minutes; --model, --rounds, --no-peer)";

    public async Task<IReadOnlyList<Measurement>> RunAsync(ExerciseOptions options, CancellationToken cancellationToken)
    {
        var shapes = options.Model is { } name
            ? [TrainingShape.All.FirstOrDefault(shape => shape.Name == name)
                ?? throw new InvalidDataException($"'{name}' is no shape of the bench; name one of: {string.Join(", ", TrainingShape.All.Select(shape => shape.Name))}.")]
            : TrainingShape.All;
        if (!options.WithoutPeer)
        {
            Console.Error.WriteLine($"PyTorch {await TorchPeer.RequireAsync(cancellationToken)} on {Machine()}, {Threads} threads");
        }

        var rows = new List<Measurement>();
        foreach (var shape in shapes)
        {
            TrainingFiles.Write(shape);
            await using var rounds = new TrainingRounds(shape, Threads, !options.WithoutPeer);
            rows.AddRange(await rounds.RunAsync(Math.Max(LeastRounds, options.Rounds ?? shape.Rounds), cancellationToken));
        }

        return rows;
    }

    private static string Machine()
    {
        var model = File.Exists("/proc/cpuinfo")
            ? File.ReadLines("/proc/cpuinfo").FirstOrDefault(line => line.StartsWith("model name", StringComparison.Ordinal))?.Split(':')[1].Trim()
            : null;
        return $"{model ?? RuntimeInformation.ProcessArchitecture.ToString()} ({Environment.ProcessorCount} cores, kernels {KernelSets.Choose(KernelSet.Auto)}, .NET {Environment.Version})";
    }
}
