using System.Text.Json;
using System.Text.Json.Serialization;
using Parley.Tensors;
using Parley.Training.Optimization;

namespace Parley.Training.Runs;

/// <summary>
/// Everything a run's bits follow from, besides the data itself, written to run.json before the first step. A
/// resumed run reads it back; what may differ between sessions (threads, the screen) is not in it.
/// </summary>
public sealed record RunConfig
{
    /// <summary>UUIDv7, the run's name in the lineage of what comes from it.</summary>
    public string RunId { get; init; } = "";

    /// <summary>"pretrain" or "sft".</summary>
    public required string Stage { get; init; }

    /// <summary>Shard folders (pretraining) or chat files (fine-tuning).</summary>
    public required IReadOnlyList<string> Data { get; init; }

    /// <summary>The share of the rows that each of <see cref="Data"/> gives; null makes them one long text.</summary>
    public IReadOnlyList<double>? Weights { get; init; }

    /// <summary>True where rows are packed from whole documents; null cuts them as windows.</summary>
    public bool? PacksDocuments { get; init; }

    /// <summary>Held-out data of the same kind; may be empty.</summary>
    public IReadOnlyList<string> Held { get; init; } = [];

    /// <summary>The model's config.json.</summary>
    public required JsonElement Model { get; init; }

    /// <summary>SHA-256 of the tokenizer's definition.</summary>
    public required string TokenizerHash { get; init; }

    /// <summary>SHA-256 of each shard manifest or chat file, those of <see cref="Data"/> first, then those of <see cref="Held"/>.</summary>
    public IReadOnlyList<string> DataHashes { get; init; } = [];

    /// <summary>The checkpoint the weights came from, when the run did not start from random ones.</summary>
    public string? From { get; init; }

    /// <summary>SHA-256 of the weights the run started from.</summary>
    public string? FromWeights { get; init; }

    /// <summary>The adapter that is trained in place of the weights; null trains the weights.</summary>
    public LoraSettings? Lora { get; init; }

    public required ulong Seed { get; init; }

    public required int Context { get; init; }

    /// <summary>Sequences (rows) of one step.</summary>
    public required int Batch { get; init; }

    public required int Shards { get; init; }

    /// <summary>Steps of the run; 0 until a time budget has been measured and fixed.</summary>
    public long Steps { get; init; }

    /// <summary>The time budget that <see cref="Steps"/> was fixed from, if there was one.</summary>
    public double? Minutes { get; init; }

    public required double LearningRate { get; init; }

    public required int Warmup { get; init; }

    public ScheduleKind Schedule { get; init; } = ScheduleKind.Cosine;

    /// <summary>The share of the learning rate left at the end.</summary>
    public double Floor { get; init; } = 0.1;

    public float ClipNorm { get; init; } = 1f;

    public float Beta1 { get; init; } = 0.9f;

    public float Beta2 { get; init; } = 0.95f;

    public float WeightDecay { get; init; } = 0.1f;

    public OptimizerKind Optimizer { get; init; }

    /// <summary>Decay of Muon's mean of gradients; 0.95 in a run.json that does not say.</summary>
    public float Momentum { get => field == 0 ? 0.95f : field; init; }

    /// <summary>The share of activations that is dropped; 0 for none.</summary>
    public float Dropout { get; init; }

    /// <summary>Decay of the running average of the weights; 0 for none.</summary>
    public float AverageDecay { get; init; }

    /// <summary>What matrix products round their operands to, forward and backward: BF16, or null for not at all. Sums and weights are F32 either way.</summary>
    public DType? Products { get; init; }

    /// <summary>What may differ from session to session without moving a bit of the weights.</summary>
    public RunPolicy Policy { get => field ?? new(); init; }

    /// <summary>Steps between evaluations; 0 spreads 20 over the run.</summary>
    public int EvaluateEvery { get; init; }

    /// <summary>At most this many held-out tokens are scored in one evaluation.</summary>
    public int EvaluationTokens { get; init; } = 65_536;

    /// <summary>Steps between checkpoints; 0 saves by the clock only.</summary>
    public int SaveEvery { get; init; }

    /// <summary>Prompts that every evaluation continues.</summary>
    public IReadOnlyList<string> Samples { get; init; } = [];

    /// <summary>The learning rate of each step under this configuration.</summary>
    public LearningRateSchedule ToSchedule() => new(Schedule, LearningRate, Warmup, Steps) { Floor = Floor };

    /// <summary>The optimiser's part of the configuration.</summary>
    public TrainerOptions ToTrainerOptions() => new()
    {
        Schedule = ToSchedule(),
        Optimizer = Optimizer,
        ClipNorm = ClipNorm,
        Beta1 = Beta1,
        Beta2 = Beta2,
        Momentum = Momentum,
        WeightDecay = WeightDecay,
        Dropout = Dropout,
        Seed = Seed,
        AverageDecay = AverageDecay,
        Recompute = Policy.Recompute,
        SpikeFactor = Policy.SpikeFactor,
    };

    public string ToJson() => JsonSerializer.Serialize(this, RunJson.Default.RunConfig);

    public static RunConfig FromJson(string json) =>
        JsonSerializer.Deserialize(json, RunJson.Default.RunConfig) ?? throw new InvalidDataException("A run's configuration is empty.");

    /// <summary>
    /// True when both were asked for by the same command. The number of steps a time budget led to is left out, and so are paths, because the hashes
    /// say what lies there, and the policy.
    /// </summary>
    public bool SameAs(RunConfig other) => string.Equals(Comparable(this), Comparable(other), StringComparison.Ordinal);

    /// <summary>True when both lead to the same bits: the same command, and the same number of steps.</summary>
    public bool SameBitsAs(RunConfig other) => Steps == other.Steps && SameAs(other);

    private static string Comparable(RunConfig config) =>
        (config with
        {
            Steps = config.Minutes is null ? config.Steps : 0,
            Data = [.. config.Data.Select(_ => "")], // how many there are tells training data from held-out data among the hashes
            Held = [.. config.Held.Select(_ => "")],
            From = null,
            RunId = "",
            Policy = new(),
        }).ToJson();
}

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, WriteIndented = true, UseStringEnumConverter = true,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(RunConfig))]
[JsonSerializable(typeof(TrainingState))]
internal sealed partial class RunJson : JsonSerializerContext;
