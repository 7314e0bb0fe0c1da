using Parley.Models;
using Parley.Training.Runs;

namespace Parley.Training.Stages;

/// <summary>What a person asks of an adapter, made exact for one model, or refused before any time is spent.</summary>
internal static class LoraTargets
{
    /// <summary>The settings with the model's own names for the targets, in the order of its layers, each once.</summary>
    /// <param name="asked">Targets may be short (q, k, v, o, gate, up, down), a model's names (q_proj), or all.</param>
    /// <exception cref="InvalidDataException">A target is unknown, or rank or alpha are out of range; names the option.</exception>
    public static LoraSettings Resolve(LoraSettings asked, ModelConfig model)
    {
        var known = AdapterLayout.Targets(model);
        var all = asked.Targets.Contains(LoraSettings.AllTargets, StringComparer.Ordinal);
        if (!all && asked.Targets.FirstOrDefault(target => !known.Any(name => Means(target, name))) is { } unknown)
        {
            throw new InvalidDataException(
                $"--lora-targets {unknown} is no projection of this {model.Architecture} model; use {string.Join(", ", known.Select(Short))} or {LoraSettings.AllTargets}.");
        }

        string[] targets = [.. known.Where(name => all || asked.Targets.Any(target => Means(target, name)))];
        if (targets.Length == 0) throw new InvalidDataException("--lora-targets names nothing; name projections by comma, or all.");
        var most = AdapterLayout.Of(model, targets).Min(spec => Math.Min(spec.Shape[0], spec.Shape[1]));
        if (asked.Rank < 1 || asked.Rank > most)
        {
            throw new InvalidDataException($"--lora {asked.Rank} must lie between 1 and {most}, the smallest side of a matrix that is adapted.");
        }

        return double.IsFinite(asked.Alpha) && asked.Alpha > 0
            ? asked with { Targets = targets }
            : throw new InvalidDataException(FormattableString.Invariant($"--lora-alpha {asked.Alpha} must lie above 0."));
    }

    /// <summary>Numbers that an adapter of these settings has.</summary>
    public static long ParameterCount(LoraSettings settings, ModelConfig model) =>
        AdapterLayout.Of(model, settings.Targets).Sum(spec => (long)settings.Rank * (spec.Shape[0] + spec.Shape[1]));

    private static bool Means(string target, string name) => target == name || target == Short(name);

    private static string Short(string name) => name.EndsWith("_proj", StringComparison.Ordinal) ? name[..^"_proj".Length] : name;
}
