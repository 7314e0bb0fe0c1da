using Parley.Tensors;
using Parley.Training.Optimization;
using Parley.Training.Runs;

namespace Parley.Training.Stages;

/// <summary>What a person chooses for a run of any stage; the stage fills in the rest.</summary>
public sealed record RunOptions
{
    /// <summary>The run's folder.</summary>
    public required string Out { get; init; }

    /// <summary>Shard folders, or chat files.</summary>
    public required IReadOnlyList<string> Data { get; init; }

    /// <summary>The share of the rows that each of <see cref="Data"/> gives, in any unit; empty makes them one long text.</summary>
    public IReadOnlyList<double> Weights { get; init; } = [];

    /// <summary>Rows are packed from whole documents instead of cut as windows (pretraining).</summary>
    public bool PacksDocuments { get; init; }

    /// <summary>Held-out data; empty takes what lies beside the data.</summary>
    public IReadOnlyList<string> Held { get; init; } = [];

    public int Context { get; init; } = 256;

    /// <summary>Sequences of one step; a multiple of <see cref="Shards"/>.</summary>
    public int Batch { get; init; } = 16;

    public int Shards { get; init; } = 8;

    /// <summary>How many steps; or give <see cref="Minutes"/>.</summary>
    public long Steps { get; init; }

    public double? Minutes { get; init; }

    public double LearningRate { get; init; } = 1e-3;

    public int Warmup { get; init; } = 100;

    public ScheduleKind Schedule { get; init; } = ScheduleKind.Cosine;

    public double Floor { get; init; } = 0.1;

    public float ClipNorm { get; init; } = 1f;

    public float Beta2 { get; init; } = 0.95f;

    public float WeightDecay { get; init; } = 0.1f;

    public OptimizerKind Optimizer { get; init; }

    /// <summary>Decay of Muon's mean of gradients.</summary>
    public float Momentum { get; init; } = 0.95f;

    /// <summary>The share of activations that is dropped.</summary>
    public float Dropout { get; init; }

    /// <summary>Decay of the running average of the weights; 0 for none.</summary>
    public float AverageDecay { get; init; }

    /// <summary>What matrix products round their operands to; F32 for not at all.</summary>
    public DType Products { get; init; } = DType.F32;

    /// <summary>What the weights do not depend on.</summary>
    public RunPolicy Policy { get; init; } = new();

    /// <summary>Train an adapter in place of the weights (fine-tuning); null trains the weights.</summary>
    public LoraSettings? Lora { get; init; }

    public ulong Seed { get; init; } = 1;

    public int EvaluateEvery { get; init; }

    public int EvaluationTokens { get; init; } = 65_536;

    public int SaveEvery { get; init; }

    /// <summary>Prompts that each evaluation continues.</summary>
    public IReadOnlyList<string> Samples { get; init; } = [];
}
