using Parley.Models;
using Parley.Tensors;
using Parley.Tensors.Measurements;
using Parley.Text;
using Parley.Text.Shards;
using Parley.Training.Evaluation;
using Parley.Training.Runs;

namespace Parley.Training.Stages;

/// <summary>
/// One sitting of a run, new or resumed: opens data, weights and state, and lets the loop go on. Everything that can be wrong is found before
/// the first step. How many threads compute is a matter of the sitting, not of the run.
/// </summary>
public sealed class TrainingSession(RunFolder folder, ITrainingView view, TimeProvider? time = null)
{
    /// <summary>The machine's peak is measured before the first step, some 0.1 s, so that the speed can be told as a share of it.</summary>
    public bool MeasuresPeak { get; init; }

    /// <summary>Starts a run, or continues the one that lies in the folder if it is the same.</summary>
    /// <param name="config">The run's configuration, from a stage.</param>
    /// <param name="tokenizerJson">tokenizer.json as it is.</param>
    /// <param name="threads">Threads that compute; null takes one per core.</param>
    /// <exception cref="InvalidDataException">Another run lies in the folder, or data is missing or changed.</exception>
    /// <exception cref="IOException">There is too little room for the run's checkpoints.</exception>
    public TrainingState Start(RunConfig config, ReadOnlyMemory<byte> tokenizerJson, int? threads, CancellationToken cancellationToken)
    {
        RunChecks.Check(config);
        if (folder.Exists)
        {
            var lying = folder.ReadConfig();
            if (!lying.SameAs(config))
            {
                throw new InvalidDataException(
                    $"{folder.Path} holds a run with other settings; continue it with: parley train resume {folder.Path}, or choose another --out.");
            }

            if (lying.Policy != config.Policy) folder.WriteConfig(lying with { Policy = config.Policy });
            return Resume(threads, cancellationToken);
        }

        if (folder.Checkpoints().Count > 0)
        {
            throw new InvalidDataException(
                $"{folder.Path} holds checkpoints of a run whose run.json is gone; restore it from a copy, or choose another --out.");
        }

        RunChecks.RequireDisk(config, folder);

        // What is wrong with the data is found before anything is written: a folder with a run in it would keep the mended data out.
        var tokenizer = BpeTokenizer.FromJson(tokenizerJson.Span);
        using var inputs = Open(config, tokenizer);

        // run.json last: where it is, everything else that a resumed run needs is.
        Directory.CreateDirectory(folder.Path);
        File.WriteAllBytes(folder.TokenizerFile, tokenizerJson.Span);
        config = config with { RunId = Guid.CreateVersion7((time ?? TimeProvider.System).GetUtcNow()).ToString() };
        folder.WriteConfig(config);
        return Run(config, tokenizerJson, tokenizer, inputs, threads, cancellationToken);
    }

    /// <summary>Goes on from the newest intact checkpoint, or from the beginning if there is none.</summary>
    /// <exception cref="InvalidDataException">There is no run in the folder, or data is missing or changed.</exception>
    /// <exception cref="IOException">There is too little room for the checkpoints to come.</exception>
    public TrainingState Resume(int? threads, CancellationToken cancellationToken)
    {
        var config = folder.ReadConfig();
        RunChecks.RequireDisk(config, folder);
        var tokenizerJson = File.ReadAllBytes(folder.TokenizerFile);
        var tokenizer = BpeTokenizer.FromJson(tokenizerJson);
        RequireSameData(config, tokenizer);
        using var inputs = Open(config, tokenizer);
        return Run(config, tokenizerJson, tokenizer, inputs, threads, cancellationToken);
    }

    private StageInputs Open(RunConfig config, Tokenizer tokenizer) =>
        config.Stage == SftStage.Name ? SftStage.Open(config, tokenizer, view) : PretrainStage.Open(config, tokenizer, view);

    private TrainingState Run(
        RunConfig config, ReadOnlyMemory<byte> tokenizerJson, Tokenizer tokenizer, StageInputs inputs, int? threads, CancellationToken cancellationToken)
    {
        using var context = new ComputeContext(threads, products: config.Products ?? DType.F32);
        var store = new CheckpointStore(folder, tokenizerJson, view);
        var saved = store.LoadNewest();
        using var model = CreateModel(config, saved);
        using var trainer = new Trainer(model, inputs.Source, config.ToTrainerOptions(), context);
        var state = Restore(config, saved, trainer);
        view.Say($"{model.Config.ParameterCount:N0} parameters{Trained(model)}, {context.Workers.Threads} threads, {context.Kernels}{(config.Products is { } products ? $", products in {products}" : "")}.");
        using var checkpoints = new CheckpointWriter(store, trainer, time ?? TimeProvider.System);
        var loop = new TrainingLoop(trainer, folder, checkpoints, new Evaluator(tokenizer, inputs.Held, inputs.Prompts), view, time ?? TimeProvider.System)
        {
            Session = Facts(config, model, context),
        };
        var end = loop.Run(state, cancellationToken);
        view.Say($"Time went into: {trainer.Times}.");
        Say(end);
        return end;
    }

    private static string Trained(TrainableModel model) => model.Adapter is { } adapter ? $", {adapter.ParameterCount:N0} of an adapter are trained" : "";

    private SessionFacts Facts(RunConfig config, TrainableModel model, ComputeContext context) => new()
    {
        Run = Path.GetFileName(folder.Path),
        RunId = config.RunId,
        Stage = config.Stage,
        Parameters = model.Config.ParameterCount,
        Threads = context.Workers.Threads,
        Kernels = $"{context.Kernels}",
        Units = ProductPeak.Units(context),
        PeakGigaFlops = MeasuresPeak ? Math.Round(ProductPeak.Measure(context), 1) : null,
        OperationsPerToken = StepOperations.PerToken(model.Config, config.Context, model.Adapter?.ParameterCount ?? 0),
    };

    private void Say(TrainingState end)
    {
        if (end.Run.Steps > 0 && end.Step >= end.Run.Steps) view.Say($"Done: {end.Step:N0} steps in {folder.CheckpointFolder(end.Step)}.");
        else if (end.Run.Steps == 0) view.Say("Stopped within the first steps; nothing was kept.");
        else view.Say($"Stopped and saved at step {end.Step:N0}. Go on with: parley train resume {folder.Path}");
    }

    private TrainingState Restore(RunConfig config, RunCheckpoint? saved, Trainer trainer)
    {
        if (saved is not { } checkpoint) return new TrainingState(0, 0, 0, null, config);
        if (checkpoint.Config != Model(config))
        {
            throw new InvalidDataException(
                "The newest checkpoint is of another architecture than run.json says; restore one of the two from a copy.");
        }

        if (checkpoint.State.Run is var past && (past.RunId != config.RunId || !past.SameBitsAs(config)))
        {
            throw new InvalidDataException(
                $"{folder.ConfigFile} does not hold the settings of the newest checkpoint (its {Checkpoint.TrainingStateFile} has them, under \"run\"); "
                + "restore it from a copy, or start another run with another --out.");
        }

        var optimizer = checkpoint.Optimizer
            ?? throw new InvalidDataException(
                "The checkpoint has no optimiser state, so training cannot go on from it; use one that this run wrote.");
        trainer.State.Restore(optimizer);
        trainer.Average?.Restore(optimizer);
        checkpoint.DisposeOptimizer();
        return checkpoint.State with { Run = config };
    }

    // With an adapter the decoder comes from where the run started, every time: its weights are known by their hash and in no checkpoint of the run.
    private static TrainableModel CreateModel(RunConfig config, RunCheckpoint? saved)
    {
        if (config.Lora is not { } lora) return new TrainableModel(saved?.Decoder ?? CreateDecoder(config));
        var model = Model(config);
        return new TrainableModel(CreateDecoder(config), saved?.Adapter ?? Adapter.Initialize(model, lora.Targets, lora.Rank, (float)lora.Alpha, config.Seed));
    }

    private static Decoder CreateDecoder(RunConfig config)
    {
        if (config.From is null) return Decoder.Initialize(Model(config), config.Seed);
        var start = StartingModel.Load(config.From).Decoder;
        return start.WeightsId == config.FromWeights
            ? start
            : throw new InvalidDataException(
                $"{config.From} no longer holds the weights that the run started from; restore them from a copy.");
    }

    internal static ModelConfig Model(RunConfig config) =>
        ModelConfigJson.FromJson(System.Text.Encoding.UTF8.GetBytes(config.Model.GetRawText()), "run.json");

    private static void RequireSameData(RunConfig config, Tokenizer tokenizer)
    {
        if (tokenizer.Hash != config.TokenizerHash)
        {
            throw new InvalidDataException(
                "The run's tokenizer.json is not the one it was started with; restore it from a copy.");
        }

        var paths = config.Data.Concat(config.Held);
        string[] files = [.. config.Stage == SftStage.Name ? paths : paths.Select(path => Path.Combine(path, ShardManifest.FileName))];
        var hashes = FileHashes.Of(files);
        for (var i = 0; i < files.Length; i++)
        {
            if (hashes[i] != config.DataHashes[i])
            {
                throw new InvalidDataException(
                    $"{files[i]} has changed since the run was started; restore it, or start a new run.");
            }
        }
    }
}
