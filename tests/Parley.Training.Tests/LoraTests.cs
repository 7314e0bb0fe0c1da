using Parley.Inference;
using Parley.Models;
using Parley.Tensors;
using Parley.Training.Optimization;
using Parley.Training.Reports;
using Parley.Training.Runs;
using Parley.Training.Stages;

namespace Parley.Training.Tests;

/// <summary>Training an adapter: the weights beside it stay as they are, bit for bit; stopping, threads, shards and recomputation change no bit of it; it learns.</summary>
public sealed class LoraTests(LoraTests.PretrainedModel pretrained) : IClassFixture<LoraTests.PretrainedModel>, IDisposable
{
    private static readonly string[] Targets = ["q_proj", "down_proj"];

    private readonly TinyCorpus _corpus = new();

    public void Dispose() => _corpus.Dispose();

    [Fact]
    public void Only_the_adapter_has_gradients_and_moments_and_only_it_changes()
    {
        using var context = new ComputeContext(1);
        using var model = NewModel();
        var (weights, adapter) = (model.Decoder.WeightsId, model.Adapter!.Id);
        using var trainer = new Trainer(model, new SyntheticSource(shards: 4, fresh: true), Options(), context);
        for (var step = 0; step < 3; step++) trainer.Step(step);
        foreach (var parameter in model.Decoder.Parameters) parameter.MarkChanged(); // or the hash would be the one remembered
        Assert.Equal(weights, model.Decoder.WeightsId);
        Assert.NotEqual(adapter, model.Adapter.Id);
        Assert.All(model.Decoder.Parameters, parameter => Assert.Null(parameter.Gradient));
        Assert.All(trainer.State.Named().Keys, name => Assert.Contains(".lora_", name, StringComparison.Ordinal));
        Assert.Equal(2 * model.Adapter.Parameters.Count, trainer.State.Named().Count);
    }

    [Fact]
    public void Threads_recomputation_and_kernels_change_no_bit_of_it()
    {
        string After(int threads, bool recompute, KernelSet kernels = KernelSet.Auto)
        {
            using var context = new ComputeContext(threads, kernels);
            using var model = NewModel();
            using var trainer = new Trainer(model, new SyntheticSource(shards: 4, fresh: true), Options() with { Recompute = recompute, Dropout = 0.1f, Seed = 4 }, context);
            for (var step = 0; step < 3; step++) trainer.Step(step);
            return model.Adapter!.Id;
        }

        var expected = After(threads: 1, recompute: false);
        Assert.Equal(expected, After(threads: 2, recompute: true));
        Assert.Equal(expected, After(threads: 1, recompute: true, KernelSet.Vector256));
    }

    [Fact]
    public void It_learns_beside_frozen_weights()
    {
        using var context = new ComputeContext(2);
        using var model = NewModel("q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj");
        var options = new TrainerOptions { Schedule = new LearningRateSchedule(ScheduleKind.Cosine, 3e-2, 5, 60) };
        using var trainer = new Trainer(model, new SyntheticSource(shards: 1, fresh: false), options, context);
        var first = trainer.Step(0).Loss;
        var last = first;
        for (var step = 1; step < 60; step++) last = trainer.Step(step).Loss;
        Assert.True(last < first - 0.5, $"the loss went from {first:F3} to {last:F3}"); // the frozen head, of small random numbers, allows no more than 3.5
    }

    [Fact]
    public void A_run_stopped_and_resumed_ends_with_the_bits_of_one_that_was_not_and_keeps_no_weights()
    {
        var from = pretrained.Checkpoint;
        var before = Bytes(from, Checkpoint.WeightsFile);
        Train("whole", from, new SilentView());
        Train("parts", from, new SilentView(stopAfter: 5), threads: 2);
        Train("parts", from, new SilentView(), threads: 2, policy: new RunPolicy { Recompute = true });
        var (whole, parts) = (Folder("whole").CheckpointFolder(12), Folder("parts").CheckpointFolder(12));
        foreach (var file in new[] { AdapterCheckpoint.WeightsFile, Checkpoint.OptimizerFile }) Assert.Equal(Bytes(whole, file), Bytes(parts, file));
        var verdict = RunComparison.Of([Folder("whole"), Folder("parts")]).Verdicts[0];
        Assert.Equal((12L, true), (verdict.WeightsStep, verdict.WeightsEqual));
        Assert.False(File.Exists(Path.Combine(whole, Checkpoint.WeightsFile)));
        Assert.True(Directory.EnumerateFiles(whole).Sum(file => new FileInfo(file).Length) < before.Length, "a checkpoint of an adapter is smaller than its model");
        Assert.Equal(before, Bytes(from, Checkpoint.WeightsFile));
        using var contents = Checkpoint.Load(from);
        Assert.Equal(contents.Decoder.WeightsId, AdapterCheckpoint.Parent(whole));
        Assert.NotEqual(Losses("whole")[0], Losses("whole")[^1]);
    }

    [Fact]
    public async Task What_was_trained_is_served_beside_its_model_and_merged_and_gives_the_same_tokens()
    {
        var from = pretrained.Checkpoint;
        Train("tuned", from, new SilentView(), steps: 30, change: options => options with { LearningRate = 3e-2, EvaluateEvery = 30, Held = [], Samples = ["x"] });
        using var trained = TrainedAdapter.Load(Folder("tuned").CheckpointFolder(30));
        var (peft, gguf) = (_corpus.Place("peft"), _corpus.Place("lora.gguf"));
        AdapterWriter.WritePeft(peft, trained.Adapter, trained.Model.Config);
        AdapterWriter.WriteGguf(gguf, trained.Adapter, trained.Model.Config);
        using var merged = trained.Model.Merge(trained.Adapter);
        merged.ExportGguf(_corpus.Place("merged.gguf"), DType.F32);
        using var served = LoadedModel.Load(_corpus.Place("merged.gguf"));
        var prompt = trained.Model.Template!.Render([new("user", "sees cat 3")], addGenerationPrompt: true).Tokens;

        var expected = await Greedy(merged, prompt, null);
        Assert.NotEqual(expected, await Greedy(trained.Model, prompt, null));
        Assert.Equal(expected, await Greedy(served, prompt, null));
        Assert.Equal(expected, await Greedy(trained.Model, prompt, trained.Adapter));
        foreach (var path in new[] { peft, gguf, Folder("tuned").CheckpointFolder(30) })
        {
            using var adapter = AdapterFile.Load(path, trained.Model.Config);
            Assert.Equal(trained.Adapter.Id, adapter.Id);
        }
    }

    [Theory]
    [InlineData(0, "q", "--lora 0 must lie between 1 and 32")]
    [InlineData(33, "q,v", "--lora 33 must lie between 1 and 32")]
    [InlineData(4, "q,knee", "--lora-targets knee is no projection of this llama model; use q, k, v, o, gate, up, down or all")]
    [InlineData(4, "", "--lora-targets names nothing")]
    public void An_impossible_adapter_is_refused_before_anything_is_written(int rank, string targets, string sentence)
    {
        var from = pretrained.Checkpoint;
        var error = Assert.Throws<InvalidDataException>(() => Train("run", from, new SilentView(), lora: new LoraSettings(rank, 8, targets.Split(',', StringSplitOptions.RemoveEmptyEntries))));
        Assert.StartsWith(sentence, error.Message, StringComparison.Ordinal);
        Assert.False(Directory.Exists(Folder("run").Path));
    }

    [Fact]
    public void A_bad_line_of_the_data_or_of_what_is_held_out_leaves_no_run_behind()
    {
        var bad = _corpus.Place("bad.jsonl");
        File.WriteAllText(bad, """{"messages": [{"role": "user", "content": "the cat?"}]}""");
        foreach (var change in new Func<RunOptions, RunOptions>[] { options => options with { Data = [bad] }, options => options with { Held = [bad] } })
        {
            var error = Assert.Throws<InvalidDataException>(() => Train("run", pretrained.Checkpoint, new SilentView(), change: change));
            Assert.Contains("bad.jsonl, line 1 ", error.Message, StringComparison.Ordinal);
            Assert.False(Directory.Exists(Folder("run").Path));
        }
    }

    [Fact]
    public void Muon_an_average_and_a_scale_of_nothing_are_refused_too()
    {
        var from = pretrained.Checkpoint;
        string Fails(LoraSettings lora, OptimizerKind kind = OptimizerKind.AdamW, float average = 0) => Assert.Throws<InvalidDataException>(
            () => Train("run", from, new SilentView(), lora: lora, change: options => options with { Optimizer = kind, AverageDecay = average })).Message;
        var usual = new LoraSettings(4, 8, ["all"]);
        Assert.Contains("--optimizer muon", Fails(usual, OptimizerKind.Muon), StringComparison.Ordinal);
        Assert.Contains("--ema", Fails(usual, average: 0.9f), StringComparison.Ordinal);
        Assert.Contains("--lora-alpha 0 must lie above 0", Fails(usual with { Alpha = 0 }), StringComparison.Ordinal);
    }

    [Fact]
    public void Other_weights_than_it_was_trained_on_are_refused()
    {
        var (from, other) = (_corpus.Place("base"), Path.Combine(Path.GetDirectoryName(pretrained.Checkpoint)!, "step-0000000020"));
        foreach (var file in Directory.CreateDirectory(from).EnumerateFiles().Concat(new DirectoryInfo(pretrained.Checkpoint).EnumerateFiles())) file.CopyTo(Path.Combine(from, file.Name));
        Train("tuned", from, new SilentView(stopAfter: 5));
        var checkpoint = Folder("tuned").CheckpointFolder(5);
        Assert.Contains("does not hold the weights", Assert.Throws<InvalidDataException>(() => TrainedAdapter.Load(checkpoint, other)).Message, StringComparison.Ordinal);
        Directory.Delete(from, recursive: true);
        Assert.Contains("is gone", Assert.Throws<InvalidDataException>(() => TrainedAdapter.Load(checkpoint)).Message, StringComparison.Ordinal);
        foreach (var file in new DirectoryInfo(other).EnumerateFiles()) file.CopyTo(Path.Combine(Directory.CreateDirectory(from).FullName, file.Name));
        var resumed = Assert.Throws<InvalidDataException>(() => new TrainingSession(Folder("tuned"), new SilentView()).Resume(1, default));
        Assert.Contains("no longer holds the weights", resumed.Message, StringComparison.Ordinal);
        Assert.Contains("--adapter NAME=", Assert.Throws<ModelFormatException>(() => LoadedModel.Load(checkpoint)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_damaged_checkpoint_of_an_adapter_is_passed_over_aloud()
    {
        var from = pretrained.Checkpoint;
        Train("tuned", from, new SilentView());
        var file = Path.Combine(Folder("tuned").CheckpointFolder(12), AdapterCheckpoint.WeightsFile);
        var bytes = File.ReadAllBytes(file);
        bytes[^5] ^= 1;
        File.WriteAllBytes(file, bytes);
        var view = new SilentView(stopAfter: 9);
        new TrainingSession(Folder("tuned"), view).Resume(1, view.Token);
        Assert.Contains(view.Lines, line => line.StartsWith("Passing over the checkpoint of step 12", StringComparison.Ordinal));
        Assert.Equal(9, view.Steps[0].Step);
    }

    private static TrainableModel NewModel(params string[] targets)
    {
        var decoder = Decoder.Initialize(new ModelShape(Layers: 2, Hidden: 32, Heads: 2, KVHeads: 1) { Intermediate = 64 }.ToConfig(SyntheticSource.Vocabulary, context: 32), 3);
        return new TrainableModel(decoder, Adapter.Initialize(decoder.Config, targets.Length > 0 ? targets : Targets, rank: 4, alpha: 8, seed: 2));
    }

    private static TrainerOptions Options() => new() { Schedule = new LearningRateSchedule(ScheduleKind.Cosine, 1e-2, 5, 400) };

    private static async Task<int[]> Greedy(LoadedModel model, int[] prompt, Adapter? adapter)
    {
        using var context = new ComputeContext(1);
        await using var engine = new Engine(model.Decoder, new EngineOptions { MaxSequences = 1, CacheBlocks = 8 }, context);
        var outputs = engine.Submit(new EngineRequest
        {
            Prompt = prompt, Sampling = new() { Seed = 0, Temperature = 0 }, MaxOutputTokens = 8, StopTokenIds = model.EndTokens, Adapter = adapter,
        });
        var ids = new List<int>();
        await foreach (var output in outputs.ReadAllAsync()) ids.AddRange(output.Token is { } token ? [token] : []);
        return [.. ids];
    }

    private RunFolder Folder(string name) => new(_corpus.Place(name));

    private static RunOptions RunOptions(TinyCorpus corpus, string name) => new()
    {
        Out = corpus.Place(name), Data = [corpus.Shards], Context = 32, Batch = 8, Shards = 4, Steps = 12, Warmup = 2, LearningRate = 1e-2, EvaluateEvery = 4,
        EvaluationTokens = 64, Samples = ["the cat sees a red ball and the dog sees a blue ball and runs home now and the cat runs"],
    };

    private void Train(
        string name, string from, SilentView view, int threads = 1, int steps = 12, LoraSettings? lora = null, RunPolicy? policy = null, Func<RunOptions, RunOptions>? change = null)
    {
        var chat = _corpus.Chat("chat.jsonl", [.. Enumerable.Range(0, 30).Select(i => ($"sees cat {i}", "home now"))]);
        using var contents = Checkpoint.Load(from);
        var options = RunOptions(_corpus, name) with { Data = [chat], Held = [chat], Steps = steps, Lora = lora ?? new LoraSettings(4, 8, ["all"]), Policy = policy ?? new() };
        var config = SftStage.Configure((change ?? (same => same))(options), from, contents.Config, contents.Decoder.WeightsId, _corpus.Tokenizer, epochs: 1);
        new TrainingSession(Folder(name), view).Start(config, contents.Tokenizer, threads, view.Token);
    }

    private static byte[] Bytes(string folder, string file) => File.ReadAllBytes(Path.Combine(folder, file));

    private double[] Losses(string run) => [.. MetricsLog.Read(Folder(run).MetricsFile).Select(entry => entry.Loss).OfType<double>()];

    /// <summary>A model that knows the words, trained once for all tests; none may change it.</summary>
    public sealed class PretrainedModel : IDisposable
    {
        private readonly TinyCorpus _corpus = new();

        public PretrainedModel()
        {
            var options = RunOptions(_corpus, "base") with { Steps = 30, EvaluateEvery = 10, Samples = ["x"] };
            var folder = new RunFolder(options.Out);
            var config = PretrainStage.Configure(options, new ModelShape(Layers: 1, Hidden: 32, Heads: 2), _corpus.Tokenizer);
            new TrainingSession(folder, new SilentView()).Start(config, _corpus.Tokenizer.ToJson(), 2, default);
            Checkpoint = folder.CheckpointFolder(30);
        }

        /// <summary>Its last checkpoint's folder; one of step 20 lies beside it.</summary>
        public string Checkpoint { get; }

        public void Dispose() => _corpus.Dispose();
    }
}
