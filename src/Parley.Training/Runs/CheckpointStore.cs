using System.Security.Cryptography;
using System.Text;
using Parley.Models;
using Parley.Tensors;

namespace Parley.Training.Runs;

/// <summary>
/// The checkpoints of one run: writes them, keeps the newest few and the one with the fewest bits per byte, and finds the newest that is
/// intact. A damaged one is named aloud and passed over.
/// </summary>
public sealed class CheckpointStore(RunFolder folder, ReadOnlyMemory<byte> tokenizer, ITrainingView view)
{
    /// <summary>Writes a state with what was trained and its moments, then removes what its run's policy no longer keeps.</summary>
    public void Save(TrainingState state, TrainableModel model, IReadOnlyDictionary<string, Tensor> optimizer)
    {
        var target = folder.CheckpointFolder(state.Step);

        // A damaged checkpoint of this very step may lie here: the run resumed from an earlier one and has now done the step again.
        if (Directory.Exists(target)) Directory.Delete(target, recursive: true);
        var lineage = new CheckpointLineage(state.Run.RunId, state.Run.FromWeights, state.Run.Seed, DataHash(state.Run), state.Step);
        if (model.Adapter is { } adapter)
        {
            AdapterCheckpoint.Save(target, new AdapterCheckpointContents
            {
                Adapter = adapter, Config = model.Config, Tokenizer = tokenizer, Optimizer = optimizer, TrainingState = state.ToJson(), Lineage = lineage,
            });
        }
        else
        {
            Checkpoint.Save(target, new CheckpointContents
            {
                Decoder = model.Decoder, Tokenizer = tokenizer, Optimizer = optimizer, TrainingState = state.ToJson(), Lineage = lineage,
            });
        }

        Prune(state.Run.Policy);
    }

    /// <summary>The newest intact checkpoint; null when there is none. The caller owns what it holds.</summary>
    public RunCheckpoint? LoadNewest()
    {
        foreach (var (step, path) in folder.Checkpoints())
        {
            try
            {
                var saved = RunCheckpoint.Load(path);
                view.Say($"Continuing from {path} (step {step:N0}).");
                return saved;
            }
            catch (Exception damage) when (damage is ModelFormatException or InvalidDataException)
            {
                view.Say($"Passing over the checkpoint of step {step:N0}: {damage.Message}");
            }
        }

        return null;
    }

    /// <summary>The intact checkpoint with the fewest bits per byte, or the newest where nothing was evaluated.</summary>
    public string? FindBest() =>
        Evaluated().OrderBy(entry => entry.BitsPerByte ?? double.MaxValue).Select(entry => entry.Folder).FirstOrDefault();

    private void Prune(RunPolicy policy)
    {
        var kept = folder.Checkpoints().Take(policy.KeepLast).Select(checkpoint => checkpoint.Folder).Append(policy.KeepBest ? FindBest() : null);
        foreach (var (_, path) in folder.Checkpoints().ExceptBy(kept, checkpoint => checkpoint.Folder)) Directory.Delete(path, recursive: true);
    }

    private IEnumerable<(string Folder, double? BitsPerByte)> Evaluated()
    {
        foreach (var (_, path) in folder.Checkpoints()) yield return (path, ReadBits(Path.Combine(path, Checkpoint.TrainingStateFile)));
    }

    private static double? ReadBits(string stateFile)
    {
        try
        {
            return TrainingState.FromJson(File.ReadAllBytes(stateFile)).BitsPerByte;
        }
        catch (Exception damage) when (damage is IOException or InvalidDataException)
        {
            return null;
        }
    }

    private static string DataHash(RunConfig run) =>
        run.DataHashes.Count == 1
            ? run.DataHashes[0]
            : Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(string.Join('\n', run.DataHashes))));
}
