using Parley.Models;
using Parley.Training.Optimization;
using Parley.Training.Runs;
using Parley.Training.Stages;

namespace Parley.Training.Tests;

/// <summary>What may change between sessions, what is kept, what is refused before any time is spent, and that runs of old can still be read.</summary>
public sealed class RunPolicyTests : IDisposable
{
    private readonly TinyCorpus _corpus = new();

    public void Dispose() => _corpus.Dispose();

    [Fact]
    public void Muon_dropout_and_average_resume_to_the_same_bits_also_with_another_policy()
    {
        var options = Options("whole") with { Optimizer = OptimizerKind.Muon, Dropout = 0.1f, AverageDecay = 0.9f };
        Train("whole", options, new SilentView());
        Train("parts", options, new SilentView(stopAfter: 5));
        Train("parts", options with { Policy = new RunPolicy { Recompute = true, KeepLast = 1, EvaluateAverage = true, KeepBest = false } }, new SilentView());
        foreach (var file in new[] { Checkpoint.WeightsFile, Checkpoint.OptimizerFile }) Assert.Equal(Bytes("whole", file), Bytes("parts", file));
        Assert.Equal([12L], Folder("parts").Checkpoints().Select(checkpoint => checkpoint.Step));
        Assert.True(Folder("parts").ReadConfig().Policy.Recompute);
    }

    [Fact]
    public void The_best_checkpoint_is_kept_beside_the_newest()
    {
        // A rate that ruins what the first steps have learnt: the best is an early one.
        var options = Options("run") with { LearningRate = 0.5, Floor = 1, ClipNorm = 0, Policy = new RunPolicy { KeepLast = 1, SpikeFactor = 0 }, SaveEvery = 1 };
        Train("run", options, new SilentView());
        var bits = MetricsLog.Read(Folder("run").MetricsFile).Where(entry => entry.BitsPerByte is not null && entry.Step > 0).MinBy(entry => entry.BitsPerByte)!;
        var kept = Folder("run").Checkpoints().Select(checkpoint => checkpoint.Step).ToArray();
        Assert.Equal(new[] { 12, bits.Step }.Distinct(), kept);
    }

    [Theory]
    [InlineData("--dropout 1 must lie", 1f, 0f, 2)]
    [InlineData("--ema -0.5 must lie", 0f, -0.5f, 2)]
    [InlineData("--keep-last 0 must lie", 0f, 0f, 0)]
    public void Impossible_options_are_refused_in_one_sentence(string sentence, float dropout, float average, int keep)
    {
        var options = Options("run") with { Dropout = dropout, AverageDecay = average, Policy = new RunPolicy { KeepLast = keep } };
        var error = Assert.Throws<InvalidDataException>(() => Train("run", options, new SilentView()));
        Assert.StartsWith(sentence, error.Message, StringComparison.Ordinal);
        Assert.False(Directory.Exists(Folder("run").Path));
    }

    [Fact]
    public void Evaluating_an_average_that_is_not_kept_and_a_batch_that_is_no_multiple_are_refused()
    {
        var average = Assert.Throws<InvalidDataException>(() => Train("run", Options("run") with { Policy = new RunPolicy { EvaluateAverage = true } }, new SilentView()));
        Assert.Contains("--ema", average.Message, StringComparison.Ordinal);
        var batch = Assert.Throws<InvalidDataException>(() => Train("run", Options("run") with { Batch = 6 }, new SilentView()));
        Assert.Contains("make it a multiple", batch.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_checkpoint_of_another_architecture_is_refused()
    {
        Train("run", Options("run"), new SilentView());
        var folder = Folder("run");
        var other = new ModelShape(1, 64, 2).ToConfig(_corpus.Tokenizer.VocabularySize, 32);
        folder.WriteConfig(folder.ReadConfig() with { Model = System.Text.Json.JsonDocument.Parse(other.ToJson()).RootElement, Steps = 20 });
        var error = Assert.Throws<InvalidDataException>(() => new TrainingSession(folder, new SilentView()).Resume(1, default));
        Assert.Contains("another architecture", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Settings_that_are_not_those_of_the_checkpoints_are_refused()
    {
        Train("run", Options("run"), new SilentView(stopAfter: 5));
        var folder = Folder("run");
        var config = folder.ReadConfig();
        foreach (var other in new[] { config with { Seed = 2 }, config with { Steps = 13 }, config with { RunId = "another" } })
        {
            folder.WriteConfig(other);
            var error = Assert.Throws<InvalidDataException>(() => new TrainingSession(folder, new SilentView()).Resume(1, default));
            Assert.Contains("run.json does not hold the settings of the newest checkpoint", error.Message, StringComparison.Ordinal);
        }

        File.Delete(folder.ConfigFile);
        var gone = Assert.Throws<InvalidDataException>(() => Train("run", Options("run") with { Seed = 2 }, new SilentView()));
        Assert.Contains("whose run.json is gone", gone.Message, StringComparison.Ordinal);
        Assert.False(folder.Exists);
        folder.WriteConfig(config);
        Assert.Equal(12, new TrainingSession(folder, new SilentView()).Resume(1, default).Step);
    }

    [Fact]
    public void The_same_command_is_not_always_the_same_bits()
    {
        var config = PretrainStage.Configure(Options("run") with { Minutes = 10, Steps = 0 }, new ModelShape(Layers: 1, Hidden: 32, Heads: 2), _corpus.Tokenizer);
        var (slow, fast) = (config with { Steps = 1_000 }, config with { Steps = 1_090 });
        Assert.Equal((true, false, true), (slow.SameAs(fast), slow.SameBitsAs(fast), slow.SameBitsAs(slow with { Data = ["moved"] })));
        RunConfig both = config with { Data = ["a", "b"], Held = [], DataHashes = ["1", "2"] }, held = config with { Data = ["a"], Held = ["b"], DataHashes = ["1", "2"] };
        Assert.False(both.SameAs(held));
    }

    [Fact]
    public void A_run_json_from_before_these_options_is_read_as_it_was_meant()
    {
        var config = RunConfig.FromJson(
            """
            {"run_id": "r", "stage": "pretrain", "data": ["d"], "held": [], "model": {}, "tokenizer_hash": "t", "data_hashes": ["h"], "seed": 1, "context": 32,
             "batch": 8, "shards": 4, "steps": 12, "learning_rate": 0.01, "warmup": 2, "schedule": "Cosine", "floor": 0.1, "clip_norm": 1, "beta1": 0.9,
             "beta2": 0.95, "weight_decay": 0.1, "evaluate_every": 4, "evaluation_tokens": 256, "save_every": 0, "samples": []}
            """);
        Assert.Equal((OptimizerKind.AdamW, 0f, 0f), (config.Optimizer, config.Dropout, config.AverageDecay));
        Assert.Equal(new RunPolicy(), config.Policy);
        Assert.True(config.SameAs(RunConfig.FromJson(config.ToJson())));
        Assert.False(config.SameAs(config with { Dropout = 0.1f }));
    }

    [Fact]
    public void Weights_that_an_update_broke_end_the_run_at_its_next_evaluation()
    {
        var options = Options("run") with { LearningRate = 1e39, Warmup = 1, EvaluateEvery = 1, Policy = new RunPolicy { SpikeFactor = 0 } };
        var failure = Assert.Throws<DivergedException>(() => Train("run", options, new SilentView()));
        Assert.StartsWith("After 1 steps the held-out loss is NaN", failure.Message, StringComparison.Ordinal);
        var report = File.ReadAllText(Folder("run").FailureFile);
        Assert.Contains("the first number that is not finite leaves", report, StringComparison.Ordinal);
        Assert.Contains("document 'train/", report, StringComparison.Ordinal);
        Assert.Empty(Folder("run").Checkpoints());
    }

    [Fact]
    public void A_spike_saves_the_state_before_it_and_writes_the_report()
    {
        var options = Options("run") with { LearningRate = 30, Warmup = 25, Steps = 60, ClipNorm = 0, EvaluateEvery = 60, Policy = new RunPolicy { SpikeFactor = 1 } };
        var failure = Assert.Throws<DivergedException>(() => Train("run", options, new SilentView()));
        Assert.Contains(failure.Step.ToString(System.Globalization.CultureInfo.InvariantCulture), File.ReadAllText(Folder("run").FailureFile), StringComparison.Ordinal);
        Assert.Equal(failure.Step, Folder("run").Checkpoints()[0].Step);
        var again = Assert.Throws<DivergedException>(() => new TrainingSession(Folder("run"), new SilentView()).Resume(1, default));
        Assert.Equal(failure.Message, again.Message);
    }

    private RunFolder Folder(string name) => new(_corpus.Place(name));

    private RunOptions Options(string name) => new()
    {
        Out = _corpus.Place(name), Data = [_corpus.Shards], Context = 32, Batch = 8, Shards = 4, Steps = 12, Warmup = 2, LearningRate = 1e-2,
        EvaluateEvery = 4, EvaluationTokens = 256, Samples = ["the cat sees a red ball and the dog sees a blue ball and runs home now and the cat runs"],
    };

    private void Train(string name, RunOptions options, SilentView view)
    {
        var config = PretrainStage.Configure(options, new ModelShape(Layers: 1, Hidden: 32, Heads: 2), _corpus.Tokenizer);
        new TrainingSession(Folder(name), view).Start(config, _corpus.Tokenizer.ToJson(), 1, view.Token);
    }

    private byte[] Bytes(string run, string file) => File.ReadAllBytes(Path.Combine(Folder(run).CheckpointFolder(12), file));
}
