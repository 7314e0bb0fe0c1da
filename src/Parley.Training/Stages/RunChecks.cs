using System.Globalization;
using Parley.Training.Optimization;
using Parley.Training.Runs;

namespace Parley.Training.Stages;

/// <summary>What must hold of a run before any time is spent on it; every refusal is one sentence that names the option.</summary>
internal static class RunChecks
{
    /// <exception cref="InvalidDataException">An option is out of range or contradicts another.</exception>
    public static void Check(RunConfig config)
    {
        RequireLength(config);
        RequireRange("--shards", config.Shards, 1, ushort.MaxValue);
        RequireRange("--context", config.Context, 1, 1 << 20);
        RequireRange("--keep-last", config.Policy.KeepLast, 1, int.MaxValue);
        RequireRange("--warmup", config.Warmup, 0, int.MaxValue);
        Require(config.Batch >= config.Shards && config.Batch % config.Shards == 0, $"--batch {config.Batch} cannot be divided into {config.Shards} shards; make it a multiple.");
        Require(config.Steps == 0 || config.Steps <= uint.MaxValue, $"--steps {config.Steps} is more than {uint.MaxValue}.");
        Require(config.Dropout is >= 0 and < 1, Between("--dropout", config.Dropout, "0 and 1, 1 excluded"));
        Require(config.AverageDecay is >= 0 and < 1, Between("--ema", config.AverageDecay, "0 and 1, 1 excluded"));
        Require(config.Beta2 is >= 0 and < 1, Between("--beta2", config.Beta2, "0 and 1, 1 excluded"));
        Require(config.Momentum is > 0 and < 1, Between("--momentum", config.Momentum, "0 and 1, both excluded"));
        Require(config.Floor is >= 0 and <= 1, Between("--lr-floor", config.Floor, "0 and 1"));
        Require(double.IsFinite(config.LearningRate) && config.LearningRate >= 0, Between("--lr", config.LearningRate, "0 and infinity"));
        Require(config.Policy.SpikeFactor >= 0, Between("--spike", config.Policy.SpikeFactor, "0 and infinity"));
        Require(config.Lora is null || config.Optimizer == OptimizerKind.AdamW, "--optimizer muon is for whole matrices; train an adapter (--lora) with adamw.");
        Require(config.Lora is null || config.AverageDecay == 0, "--ema keeps an average of whole weights; leave it out with --lora.");
        Require(!config.Policy.EvaluateAverage || config.AverageDecay > 0, "--eval-ema measures a running average that is not kept; give --ema 0.999, say.");
    }

    /// <summary>
    /// The checkpoints that may lie on the disk at once: those kept, the best, and the one being written. What a resumed run has written already needs
    /// no more room, but its next checkpoint does.
    /// </summary>
    /// <exception cref="IOException">There is too little room.</exception>
    public static void RequireDisk(RunConfig config, RunFolder folder)
    {
        var place = Path.GetFullPath(folder.Path);
        while (!Directory.Exists(place)) place = Path.GetDirectoryName(place)!;
        var bytes = config.AverageDecay > 0 ? 16 : 12; // a parameter: its weight, two moments, its average
        var checkpoints = Math.Max(1, config.Policy.KeepLast + 2L - folder.Checkpoints().Count);
        var model = TrainingSession.Model(config);
        var needed = checkpoints * bytes * (config.Lora is { } lora ? LoraTargets.ParameterCount(lora, model) : model.ParameterCount);
        var free = new DriveInfo(place).AvailableFreeSpace;
        if (free < needed)
        {
            throw new IOException(
                $"{folder.Path} is on a disk with {free >> 20:N0} MB free, but the run's checkpoints need up to {needed >> 20:N0} MB; "
                + (folder.Exists ? "make room, then resume." : "make room or choose another --out."));
        }
    }

    private static void RequireLength(RunConfig config)
    {
        Require(config.Steps > 0 || config.Minutes is not null, "How long shall the run be? Give --steps or --minutes.");
        Require(config is not { Minutes: not null, Warmup: < 1 }, "A time budget is measured within the warm-up; give --warmup of at least 1.");
    }

    private static void RequireRange(string option, long value, long least, long most) =>
        Require(value >= least && value <= most, $"{option} {value} must lie between {least} and {most}.");

    private static string Between(string option, double value, string range) =>
        string.Create(CultureInfo.InvariantCulture, $"{option} {value} must lie between {range}.");

    private static void Require(bool holds, string problem)
    {
        if (!holds) throw new InvalidDataException(problem);
    }
}
