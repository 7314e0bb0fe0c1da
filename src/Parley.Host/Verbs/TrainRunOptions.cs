using System.CommandLine;
using Parley.Tensors;
using Parley.Training.Optimization;
using Parley.Training.Stages;

namespace Parley.Host.Verbs;

/// <summary>
/// The options that all training stages share, and how they become <see cref="RunOptions"/>. Stages differ in defaults only.
/// </summary>
internal sealed class TrainRunOptions(RunOptions defaults)
{
    private readonly Option<string[]> _data = new("--data") { Description = "What to learn from; repeat it for more, for pretraining also mixed by weight (web=0.7 books=0.3).", Required = true, AllowMultipleArgumentsPerToken = true };
    private readonly Option<string[]> _held = new("--eval") { Description = "Held-out data of the same kind.", AllowMultipleArgumentsPerToken = true };
    private readonly Option<string> _out = new("--out") { Description = "The run's folder; an interrupted run in it goes on.", Required = true };
    private readonly Option<int> _context = Number("--context", defaults.Context > 0 ? "Tokens of one sequence." : "Tokens of one row; 0 for the model's own context.", defaults.Context);
    private readonly Option<int> _batch = Number("--batch", "Sequences of one step; a multiple of --shards.", defaults.Batch);
    private readonly Option<int> _shards = Number("--shards", "Logical shards of one step; part of what the result depends on.", defaults.Shards);
    private readonly Option<long> _steps = Number("--steps", "How many steps.", defaults.Steps);
    private readonly Option<double?> _minutes = new("--minutes") { Description = "A time budget: the first steps are timed, then the number of steps is fixed." };
    private readonly Option<double> _rate = Number("--lr", "Peak learning rate.", defaults.LearningRate);
    private readonly Option<int> _warmup = Number("--warmup", "Steps until the peak.", defaults.Warmup);
    private readonly Option<string> _schedule = VerbOption.Of("--schedule", "cosine, linear or wsd (warm-up, stable, decay).", "cosine")
        .AcceptOnlyFromAmong("cosine", "linear", "wsd");

    private readonly Option<double> _floor = Number("--lr-floor", "Share of the peak that is left at the end.", defaults.Floor);
    private readonly Option<float> _clip = Number("--clip", "Largest global gradient norm; 0 for no limit.", defaults.ClipNorm);
    private readonly Option<float> _beta2 = Number("--beta2", "Decay of AdamW's second moment.", defaults.Beta2);
    private readonly Option<float> _decay = Number("--weight-decay", "Decoupled decay of matrices.", defaults.WeightDecay);
    private readonly Option<string> _optimizer = VerbOption.Of("--optimizer", "adamw, or muon (Muon for matrices inside layers, AdamW for the rest).", "adamw")
        .AcceptOnlyFromAmong("adamw", "muon");

    private readonly Option<float> _momentum = Number("--momentum", "Decay of Muon's mean of gradients.", defaults.Momentum);
    private readonly Option<float> _dropout = Number("--dropout", "Share of activations dropped behind the embedding and each branch.", defaults.Dropout);
    private readonly Option<float> _average = Number("--ema", "Decay of a running average of the weights, such as 0.999; 0 for none.", defaults.AverageDecay);
    private readonly Option<string> _products = VerbOption.Of(
        "--matmul", "What matrix products round their operands to: f32 (not at all), or bf16 (faster; sums and weights stay f32).", "f32").AcceptOnlyFromAmong("f32", "bf16");

    private readonly TrainPolicyOptions _policy = new();
    private readonly Option<ulong> _seed = Number("--seed", "What weights and order follow from.", defaults.Seed);
    private readonly Option<int> _evaluateEvery = Number("--eval-every", "Steps between evaluations; 0 for 20 in the run.", defaults.EvaluateEvery);
    private readonly Option<int> _evaluationTokens = Number("--eval-tokens", "Most held-out tokens scored at once.", defaults.EvaluationTokens);
    private readonly Option<int> _saveEvery = Number("--save-every", "Steps between checkpoints; 0 for one at each evaluation.", defaults.SaveEvery);
    private readonly Option<string[]> _samples = new("--sample") { Description = "A prompt that each evaluation continues; repeat it for more." };
    private readonly Option<int?> _threads = new("--threads") { Description = "Threads that compute; all cores unless given." };

    public void AddTo(Command command)
    {
        Option[] all = [_data, _held, _out, _context, _batch, _shards, _steps, _minutes, _rate, _warmup, _schedule, _floor, _clip, _beta2, _decay,
            _optimizer, _momentum, _dropout, _average, _products, _seed, _evaluateEvery, _evaluationTokens, _saveEvery, _samples, _threads, .. _policy.All];
        foreach (var option in all) command.Options.Add(option);
    }

    public int? Threads(ParseResult result) => result.GetValue(_threads);

    public RunOptions Read(ParseResult result) => new()
    {
        Data = result.GetRequiredValue(_data),
        Held = result.GetValue(_held) ?? [],
        Out = result.GetRequiredValue(_out),
        Context = result.GetValue(_context),
        Batch = result.GetValue(_batch),
        Shards = result.GetValue(_shards),
        Steps = result.GetValue(_steps),
        Minutes = result.GetValue(_minutes),
        LearningRate = result.GetValue(_rate),
        Warmup = result.GetValue(_warmup),
        Schedule = result.GetValue(_schedule) switch
        {
            "wsd" => ScheduleKind.WarmupStableDecay,
            "linear" => ScheduleKind.Linear,
            _ => ScheduleKind.Cosine,
        },
        Floor = result.GetValue(_floor),
        ClipNorm = result.GetValue(_clip),
        Beta2 = result.GetValue(_beta2),
        WeightDecay = result.GetValue(_decay),
        Optimizer = result.GetValue(_optimizer) == "muon" ? OptimizerKind.Muon : OptimizerKind.AdamW,
        Momentum = result.GetValue(_momentum),
        Dropout = result.GetValue(_dropout),
        AverageDecay = result.GetValue(_average),
        Products = result.GetValue(_products) == "bf16" ? DType.BF16 : DType.F32,
        Policy = _policy.Read(result),
        Seed = result.GetValue(_seed),
        EvaluateEvery = result.GetValue(_evaluateEvery),
        EvaluationTokens = result.GetValue(_evaluationTokens),
        SaveEvery = result.GetValue(_saveEvery),
        Samples = result.GetValue(_samples) ?? [],
    };

    /// <summary>The options with another learning rate, unless one was given.</summary>
    public RunOptions WithUsualRate(ParseResult result, RunOptions options, double rate) =>
        TrainModelOptions.IsImplicit(result, _rate) ? options with { LearningRate = rate } : options;

    /// <summary>The options with the dial's batch and learning rate, unless they were given.</summary>
    public RunOptions Dial(ParseResult result, RunOptions options, DepthDial dial)
    {
        var batch = TrainModelOptions.IsImplicit(result, _batch) ? Math.Max(options.Shards, dial.Batch) : options.Batch;
        return options with
        {
            Batch = batch,
            LearningRate = TrainModelOptions.IsImplicit(result, _rate) ? dial.LearningRate(batch) : options.LearningRate,
        };
    }

    private static Option<T> Number<T>(string name, string description, T value) => new(name) { Description = description, DefaultValueFactory = _ => value };
}
