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
    private readonly HashSet<string> _damaged = new(StringComparer.Ordinal);

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

        _damaged.Remove(target);
        Prune(state.Run.Policy, state.Step);
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
                _damaged.Add(path);
                view.Say($"Passing over the checkpoint of step {step:N0}: {damage.Message}");
            }
        }

        return null;
    }

    /// <summary>The intact checkpoint with the fewest bits per byte, or the newest where nothing was evaluated; every file of it was compared with its hash.</summary>
    public string? FindBest()
    {
        foreach (var path in ByScore(folder.Checkpoints().Select(checkpoint => checkpoint.Folder)))
        {
            try
            {
                RunCheckpoint.Verify(path);
                return path;
            }
            catch (ModelFormatException damage)
            {
                view.Say($"Passing over {path}: {damage.Message}");
            }
        }

        return null;
    }

    // What lies there from later steps was passed over when the run resumed before them: it takes no intact one's place, and is replaced when its step is done again.
    private void Prune(RunPolicy policy, long step)
    {
        string[] written = [.. folder.Checkpoints().Where(checkpoint => checkpoint.Step <= step).Select(checkpoint => checkpoint.Folder)];
        string[] intact = [.. written.Except(_damaged)];
        var kept = intact.Take(policy.KeepLast).Append(policy.KeepBest ? ByScore(intact).First() : null);
        foreach (var path in written.Except(kept)) Directory.Delete(path!, recursive: true);
    }

    /// <summary>Those with the fewest bits per byte first; then those that were not evaluated, in the order given.</summary>
    private static IEnumerable<string> ByScore(IEnumerable<string> folders) => folders.OrderBy(path => ReadBits(path) ?? double.MaxValue);

    private static double? ReadBits(string checkpoint)
    {
        try
        {
            return TrainingState.FromJson(Checkpoint.ReadVerified(checkpoint, Checkpoint.TrainingStateFile)).BitsPerByte;
        }
        catch (Exception damage) when (damage is IOException or InvalidDataException or ModelFormatException)
        {
            return null;
        }
    }

    private static string DataHash(RunConfig run) =>
        run.DataHashes.Count == 1
            ? run.DataHashes[0]
            : Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(string.Join('\n', run.DataHashes))));
}
