using Parley.Models;
using Parley.Training.Runs;
using Parley.Training.Stages;

namespace Parley.Training.Tests;

/// <summary>A damaged checkpoint is passed over, and takes no intact one's place among those that are kept.</summary>
public sealed class DamagedCheckpointTests : IDisposable
{
    private readonly TinyCorpus _corpus = new();

    public void Dispose() => _corpus.Dispose();

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void What_a_resumed_run_saves_stays(bool keepsBest)
    {
        var policy = new RunPolicy { KeepLast = 1, KeepBest = keepsBest };
        Train(policy, new SilentView());
        var weights = File.ReadAllBytes(Weights(12));
        foreach (var (step, _) in Folder.Checkpoints()) Damage(Weights(step));

        var stopped = new SilentView(stopAfter: 5);
        Train(policy, stopped);
        Assert.Contains(stopped.Lines, line => line.StartsWith("Passing over the checkpoint of step 12", StringComparison.Ordinal));
        RunCheckpoint.Verify(Folder.CheckpointFolder(5));

        var resumed = new SilentView();
        Train(policy, resumed);
        Assert.Contains(resumed.Lines, line => line.Contains("(step 5)", StringComparison.Ordinal));
        Assert.Equal(weights, File.ReadAllBytes(Weights(12)));
        Assert.All(Folder.Checkpoints(), checkpoint => RunCheckpoint.Verify(checkpoint.Folder));
    }

    [Fact]
    public void The_best_is_the_best_that_is_intact()
    {
        Train(new RunPolicy { KeepLast = 20 }, new SilentView());
        var best = Best([])!;
        var said = new List<string>();
        Damage(Path.Combine(best, Checkpoint.OptimizerFile));
        var second = Best(said);
        Assert.Contains(said, line => line.Contains(best, StringComparison.Ordinal) && line.Contains("SHA-256", StringComparison.Ordinal));
        Assert.NotEqual(best, second);

        // A digit that makes a checkpoint look better than it is, in a file that can still be read.
        var worst = Folder.CheckpointFolder(1);
        var state = Path.Combine(worst, Checkpoint.TrainingStateFile);
        var config = TrainingState.FromJson(File.ReadAllBytes(state));
        File.WriteAllBytes(state, (config with { BitsPerByte = 0.001 }).ToJson());
        Assert.Equal(second, Best([]));
    }

    private RunFolder Folder => new(_corpus.Place("run"));

    private string? Best(List<string> said)
    {
        var view = new SilentView();
        var best = new CheckpointStore(Folder, default, view).FindBest();
        said.AddRange(view.Lines);
        return best;
    }

    private void Train(RunPolicy policy, SilentView view)
    {
        var options = new RunOptions
        {
            Out = _corpus.Place("run"), Data = [_corpus.Shards], Context = 32, Batch = 8, Shards = 4, Steps = 12, Warmup = 2, LearningRate = 1e-2,
            EvaluateEvery = 4, EvaluationTokens = 256, SaveEvery = 1, Policy = policy,
        };
        var config = PretrainStage.Configure(options, new ModelShape(Layers: 1, Hidden: 32, Heads: 2), _corpus.Tokenizer);
        new TrainingSession(Folder, view).Start(config, _corpus.Tokenizer.ToJson(), 1, view.Token);
    }

    private string Weights(long step) => Path.Combine(Folder.CheckpointFolder(step), Checkpoint.WeightsFile);

    private static void Damage(string file)
    {
        var bytes = File.ReadAllBytes(file);
        bytes[^5] ^= 1;
        File.WriteAllBytes(file, bytes);
    }
}
