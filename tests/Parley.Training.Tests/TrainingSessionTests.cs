using Parley.Models;
using Parley.Tensors;
using Parley.Training.Runs;
using Parley.Training.Stages;

namespace Parley.Training.Tests;

/// <summary>Runs as a person meets them: started, stopped, resumed, damaged, asked for the impossible. Resuming changes no bit.</summary>
public sealed class TrainingSessionTests : IDisposable
{
    // Fills the context but for a few tokens, so that samples cost little.
    private const string LongPrompt = "the cat sees a red ball and the dog sees a blue ball and runs home now and the cat runs";

    private readonly TinyCorpus _corpus = new();

    public void Dispose() => _corpus.Dispose();

    [Fact]
    public void A_run_stopped_and_resumed_ends_with_the_bits_of_one_that_was_not()
    {
        var whole = Pretrain("whole", threads: 1, new SilentView());
        var stopped = new SilentView(stopAfter: 5);
        Pretrain("parts", threads: 2, stopped);
        Assert.Contains(stopped.Lines, line => line.Contains("Stopped and saved at step 5", StringComparison.Ordinal));
        var again = new SilentView(stopAfter: 9);
        new TrainingSession(Folder("parts"), again).Resume(1, again.Token);
        var end = Pretrain("parts", threads: 2, new SilentView());

        Assert.Equal(12, end.Step);
        Assert.Equal(whole.Tokens, end.Tokens);
        Assert.Equal(Weights("whole", 12), Weights("parts", 12));
        Assert.Equal(Losses("whole"), Losses("parts"));
    }

    [Fact]
    public void A_packed_mixture_stopped_and_resumed_ends_with_the_same_bits()
    {
        RunOptions Mixed(string name) => DataWeights.Split(Options(name) with
        {
            Data = [$"{_corpus.Shards}=0.75", $"{Path.Combine(_corpus.Shards, ShardFolders.Validation)}=0.25"], PacksDocuments = true,
        });
        void Run(string name, SilentView view) => new TrainingSession(Folder(name), view)
            .Start(PretrainStage.Configure(Mixed(name), Shape, _corpus.Tokenizer), _corpus.Tokenizer.ToJson(), 2, view.Token);

        var whole = new SilentView();
        Run("whole", whole);
        Run("parts", new SilentView(stopAfter: 5));
        Run("parts", new SilentView());
        Assert.Equal(Weights("whole", 12), Weights("parts", 12));
        Assert.Contains(whole.Lines, line => line.Contains("rows of whole documents", StringComparison.Ordinal));
        Assert.All(MetricsLog.Read(Folder("whole").MetricsFile).Where(entry => entry.Kind == "step"), entry => Assert.NotNull(entry.DataSeconds));
    }

    [Fact]
    public void Products_in_BF16_are_part_of_the_run_and_resume_to_the_same_bits()
    {
        RunConfig Rounded(string name) => PretrainStage.Configure(Options(name) with { Products = DType.BF16 }, Shape, _corpus.Tokenizer);
        void Run(string name, SilentView view) => new TrainingSession(Folder(name), view).Start(Rounded(name), _corpus.Tokenizer.ToJson(), 2, view.Token);
        Run("whole", new SilentView());
        Run("parts", new SilentView(stopAfter: 5));
        var resumed = new SilentView();
        new TrainingSession(Folder("parts"), resumed).Resume(1, resumed.Token);
        Pretrain("exact", threads: 1, new SilentView());

        Assert.Equal(Weights("whole", 12), Weights("parts", 12));
        Assert.NotEqual(Weights("exact", 12), Weights("whole", 12));
        Assert.Contains(resumed.Lines, line => line.EndsWith("products in BF16.", StringComparison.Ordinal));
        var other = new TrainingSession(Folder("exact"), new SilentView());
        Assert.Throws<InvalidDataException>(() => other.Start(Rounded("exact"), _corpus.Tokenizer.ToJson(), 1, CancellationToken.None));
    }

    [Fact]
    public void A_mixture_without_held_out_text_and_damaged_shards_are_refused_before_anything_is_written()
    {
        var train = Path.Combine(_corpus.Shards, ShardFolders.Train);
        var mixture = Options("run") with { Data = [train, train], Weights = [1, 2] };
        Assert.Contains("held-out", Assert.Throws<InvalidDataException>(() => PretrainStage.Configure(mixture, Shape, _corpus.Tokenizer)).Message, StringComparison.Ordinal);

        var shard = Path.Combine(train, "shard-00000.bin");
        var bytes = File.ReadAllBytes(shard);
        bytes[9] ^= 1;
        File.WriteAllBytes(shard, bytes);
        Assert.Contains(shard, Assert.Throws<InvalidDataException>(() => PretrainStage.Configure(Options("run"), Shape, _corpus.Tokenizer)).Message, StringComparison.Ordinal);
        Assert.False(Directory.Exists(Folder("run").Path));
    }

    [Theory]
    [InlineData("", "no conversation in it")]
    [InlineData("""{"messages": [{"role": "user", "content": "sees cat"}]}""", "line 1")]
    public void A_chat_file_with_a_fault_leaves_no_run_behind(string content, string problem)
    {
        Pretrain("base", threads: 1, new SilentView());
        var chat = _corpus.Place("faulty.jsonl");
        File.WriteAllText(chat, content);
        var error = Assert.Throws<InvalidDataException>(() => Sft("tuned", chat, new SilentView()));
        Assert.Contains(chat, error.Message, StringComparison.Ordinal);
        Assert.Contains(problem, error.Message, StringComparison.Ordinal);
        Assert.False(Directory.Exists(Folder("tuned").Path));
    }

    [Fact]
    public void What_a_tuned_run_is_measured_by_depends_on_no_seed_or_batch()
    {
        Pretrain("base", threads: 1, new SilentView());
        var chat = _corpus.Chat("chat.jsonl", [.. TinyCorpus.Documents().Take(24).Select(text => (text[..20], text[20..40]))]);
        double? First(string name, ulong seed, int batch, int shards)
        {
            Sft(name, chat, new SilentView(stopAfter: 1), options => options with { Held = [chat], Seed = seed, Batch = batch, Shards = shards, EvaluationTokens = 100 });
            return MetricsLog.Read(Folder(name).MetricsFile).First(entry => entry.BitsPerByte is not null).BitsPerByte;
        }

        Assert.Equal(First("one", seed: 1, batch: 8, shards: 4), First("other", seed: 9, batch: 2, shards: 1));
    }

    [Fact]
    public void Too_little_disk_is_told_before_a_run_starts_or_goes_on()
    {
        RunConfig config = PretrainStage.Configure(Options("run"), Shape, _corpus.Tokenizer), hoarding = config with { Policy = config.Policy with { KeepLast = int.MaxValue } };
        var error = Assert.Throws<IOException>(() => new TrainingSession(Folder("run"), new SilentView()).Start(hoarding, _corpus.Tokenizer.ToJson(), 1, default));
        Assert.Contains("MB free", error.Message, StringComparison.Ordinal);
        Assert.Contains("--out", error.Message, StringComparison.Ordinal);
        Assert.False(Directory.Exists(Folder("run").Path));

        Pretrain("run", threads: 1, new SilentView(stopAfter: 5));
        Folder("run").WriteConfig(Folder("run").ReadConfig() with { Policy = hoarding.Policy });
        error = Assert.Throws<IOException>(() => new TrainingSession(Folder("run"), new SilentView()).Resume(1, default));
        Assert.Contains("make room, then resume", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_damaged_checkpoint_is_passed_over_aloud()
    {
        Pretrain("run", threads: 1, new SilentView());
        var newest = Path.Combine(Folder("run").CheckpointFolder(12), Checkpoint.WeightsFile);
        var bytes = File.ReadAllBytes(newest);
        bytes[^5] ^= 1;
        File.WriteAllBytes(newest, bytes);
        var good = Weights("run", 8);

        var view = new SilentView(stopAfter: 9);
        new TrainingSession(Folder("run"), view).Resume(1, view.Token);
        Assert.Contains(view.Lines, line => line.StartsWith("Passing over the checkpoint of step 12", StringComparison.Ordinal));
        Assert.Contains(view.Lines, line => line.Contains("(step 8)", StringComparison.Ordinal));
        Assert.Equal(9, view.Steps[0].Step);
        Assert.NotEqual(good, Weights("run", 9));
    }

    [Fact]
    public void The_newest_two_checkpoints_and_the_best_are_kept()
    {
        Pretrain("run", threads: 1, new SilentView());
        var kept = Folder("run").Checkpoints().Select(checkpoint => checkpoint.Step).ToArray();
        Assert.Equal([12, 8], kept.Take(2));
        Assert.InRange(kept.Length, 2, 3);
    }

    [Fact]
    public void Fine_tuning_starts_from_a_checkpoint_and_learns_answers()
    {
        Pretrain("base", threads: 2, new SilentView());
        var chat = _corpus.Chat("chat.jsonl", [.. Enumerable.Range(0, 30).Select(i => ($"sees cat {i}", "home now"))]);
        var view = new SilentView();
        Sft("tuned", chat, view);
        var losses = Losses("tuned");
        Assert.True(losses[^1] < losses[0] / 2, $"the loss went from {losses[0]:F3} to {losses[^1]:F3}");
        Assert.Contains(view.Lines, line => line.Contains("30 dialogues", StringComparison.Ordinal));
        using var contents = Checkpoint.Load(Folder("tuned").CheckpointFolder(20));
        Assert.Equal(WeightsOf("base", 12), contents.Lineage.Parent);
    }

    [Fact]
    public void Held_out_text_becomes_better_known()
    {
        Pretrain("run", threads: 2, new SilentView());
        var bits = MetricsLog.Read(Folder("run").MetricsFile).Select(entry => entry.BitsPerByte).OfType<double>().ToArray();
        Assert.Equal(4, bits.Length); // before the first step and after steps 4, 8, 12
        Assert.True(bits[^1] < bits[0]);
    }

    [Fact]
    public void Another_run_in_the_folder_is_not_continued()
    {
        Pretrain("run", threads: 1, new SilentView());
        var error = Assert.Throws<InvalidDataException>(() => Pretrain("run", threads: 1, new SilentView(), seed: 2));
        Assert.Contains("other settings", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Data_that_changed_is_noticed()
    {
        Pretrain("run", threads: 1, new SilentView());
        File.AppendAllText(Path.Combine(_corpus.Shards, ShardFolders.Train, "manifest.json"), " ");
        var error = Assert.Throws<InvalidDataException>(() => new TrainingSession(Folder("run"), new SilentView()).Resume(1, default));
        Assert.Contains("has changed since the run was started", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Shards_of_another_tokenizer_are_refused()
    {
        var other = new Text.BpeTrainer().Train(["something else entirely, else else"], new Text.BpeTrainerOptions { VocabularySize = 280 });
        var error = Assert.Throws<InvalidDataException>(() => PretrainStage.Configure(Options("run"), Shape, other));
        Assert.Contains("was made with tokenizer", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_run_without_an_end_and_a_folder_without_a_run_are_named()
    {
        var config = PretrainStage.Configure(Options("run") with { Steps = 0 }, Shape, _corpus.Tokenizer);
        var endless = Assert.Throws<InvalidDataException>(() => new TrainingSession(Folder("run"), new SilentView()).Start(config, _corpus.Tokenizer.ToJson(), 1, default));
        Assert.Contains("--steps or --minutes", endless.Message, StringComparison.Ordinal);
        Assert.False(Directory.Exists(Folder("run").Path));
        var nothing = Assert.Throws<InvalidDataException>(() => new TrainingSession(Folder("nowhere"), new SilentView()).Resume(1, default));
        Assert.Contains("holds no run", nothing.Message, StringComparison.Ordinal);
    }

    private static ModelShape Shape => new(Layers: 1, Hidden: 32, Heads: 2);

    private RunFolder Folder(string name) => new(_corpus.Place(name));

    private RunOptions Options(string name, ulong seed = 1) => new()
    {
        Out = _corpus.Place(name), Data = [_corpus.Shards], Context = 32, Batch = 8, Shards = 4, Steps = 12, Warmup = 2, LearningRate = 1e-2, Seed = seed,
        EvaluateEvery = 4, EvaluationTokens = 256, Samples = [LongPrompt],
    };

    private TrainingState Pretrain(string name, int threads, SilentView view, ulong seed = 1) =>
        new TrainingSession(Folder(name), view).Start(PretrainStage.Configure(Options(name, seed), Shape, _corpus.Tokenizer), _corpus.Tokenizer.ToJson(), threads, view.Token);

    private void Sft(string name, string chat, SilentView view, Func<RunOptions, RunOptions>? change = null)
    {
        var from = Folder("base").CheckpointFolder(12);
        using var contents = Checkpoint.Load(from);
        var options = Options(name) with { Data = [chat], Steps = 20, EvaluateEvery = 20 };
        options = change?.Invoke(options) ?? options;
        var config = SftStage.Configure(options, from, contents.Config, contents.Decoder.WeightsId, _corpus.Tokenizer, epochs: 1);
        new TrainingSession(Folder(name), view).Start(config, contents.Tokenizer, 2, view.Token);
    }

    private byte[] Weights(string run, long step) => File.ReadAllBytes(Path.Combine(Folder(run).CheckpointFolder(step), Checkpoint.WeightsFile));

    private string WeightsOf(string run, long step)
    {
        using var contents = Checkpoint.Load(Folder(run).CheckpointFolder(step));
        return contents.Decoder.WeightsId;
    }

    private double[] Losses(string run) => [.. MetricsLog.Read(Folder(run).MetricsFile).Select(entry => entry.Loss).OfType<double>()];
}
