using Parley.Models;
using Parley.Tensors;

namespace Parley.Training.Runs;

/// <summary>A checkpoint of a run, read back: what was trained (a decoder's weights or an adapter), its moments, and where the run stood. Its reader owns the tensors.</summary>
/// <param name="Config">Of the model.</param>
/// <param name="Decoder">Null where an adapter was trained.</param>
/// <param name="Adapter">Null where all weights were.</param>
public sealed record RunCheckpoint(ModelConfig Config, Decoder? Decoder, Adapter? Adapter, IReadOnlyDictionary<string, Tensor>? Optimizer, TrainingState State)
{
    /// <summary>Verifies and loads a checkpoint's folder.</summary>
    /// <exception cref="ModelFormatException">A file is missing or damaged.</exception>
    /// <exception cref="InvalidDataException">Its state is no run's.</exception>
    public static RunCheckpoint Load(string folder)
    {
        if (!AdapterCheckpoint.IsIn(folder))
        {
            var whole = Checkpoint.Load(folder);
            return new RunCheckpoint(whole.Config, whole.Decoder, null, whole.Optimizer, ReadState(whole.TrainingState));
        }

        var contents = AdapterCheckpoint.Load(folder);
        return new RunCheckpoint(contents.Config, null, contents.Adapter, contents.Optimizer, ReadState(contents.TrainingState));
    }

    /// <summary>Compares every file with the checkpoint's manifest and returns it.</summary>
    /// <exception cref="ModelFormatException">A file is missing or damaged.</exception>
    public static CheckpointManifest Verify(string folder) => AdapterCheckpoint.IsIn(folder) ? AdapterCheckpoint.Verify(folder) : Checkpoint.Verify(folder);

    /// <summary>Frees the moments, once they are taken over.</summary>
    public void DisposeOptimizer()
    {
        foreach (var tensor in Optimizer?.Values ?? []) tensor.Dispose();
    }

    private static TrainingState ReadState(ReadOnlyMemory<byte>? json) => TrainingState.FromJson(json.GetValueOrDefault().Span);
}
