using Parley.Tensors;
using Parley.Training.Runs;

namespace Parley.Training.Stages;

/// <summary>The part of a run's configuration that every stage fills in alike.</summary>
internal static class StageConfigs
{
    public static RunConfig Of(RunOptions options, string stage) => new()
    {
        Stage = stage,
        Data = [],
        TokenizerHash = "",
        Model = default,
        Seed = options.Seed,
        Context = options.Context,
        Batch = options.Batch,
        Shards = options.Shards,
        Steps = options.Steps,
        Minutes = options.Minutes,
        LearningRate = options.LearningRate,
        Warmup = options.Warmup,
        Schedule = options.Schedule,
        Floor = options.Floor,
        ClipNorm = options.ClipNorm,
        Beta2 = options.Beta2,
        WeightDecay = options.WeightDecay,
        Optimizer = options.Optimizer,
        Momentum = options.Momentum,
        Dropout = options.Dropout,
        AverageDecay = options.AverageDecay,
        Products = options.Products == DType.F32 ? null : options.Products,
        Policy = options.Policy,
        EvaluateEvery = options.EvaluateEvery,
        EvaluationTokens = options.EvaluationTokens,
        SaveEvery = options.SaveEvery,
    };
}
