using System.Text.Json;
using Parley.Models;
using Parley.Training.Runs;

namespace Parley.Training.Reports;

/// <summary>
/// Runs beside each other: which settings differ, and of runs with equal settings whether they are the same run in fact - weights equal bit for
/// bit, or else the first step whose losses differ.
/// </summary>
/// <param name="Runs">At least two; each is compared with the first.</param>
/// <param name="Settings">What differs; one value for each run.</param>
/// <param name="Verdicts">One for each run but the first.</param>
public sealed record RunComparison(IReadOnlyList<RunSummary> Runs, IReadOnlyList<SettingDifference> Settings, IReadOnlyList<RunVerdict> Verdicts)
{
    /// <summary>Names of the run and places of its data: they say nothing of what is computed, the hashes do.</summary>
    private static readonly string[] LeftOut = ["run_id", "data", "held", "from"];

    /// <exception cref="InvalidDataException">A folder holds no run, or a run has measured nothing yet, or there are fewer than two.</exception>
    public static RunComparison Of(IReadOnlyList<RunFolder> folders)
    {
        if (folders.Count < 2) throw new InvalidDataException("Name at least two runs to compare.");
        var runs = Distinct([.. folders.Select(RunSummary.Read)]);
        var verdicts = Enumerable.Range(1, folders.Count - 1).Select(i => Judge(runs[0], folders[0], runs[i], folders[i]));
        return new RunComparison(runs, Differences(runs), [.. verdicts]);
    }

    /// <summary>Folders of one name in different places are told apart by a number.</summary>
    private static RunSummary[] Distinct(RunSummary[] runs) =>
        [.. runs.Select((run, i) => runs.Count(other => other.Name == run.Name) == 1 ? run : run with { Name = $"{run.Name} #{i + 1}" })];

    private static SettingDifference[] Differences(RunSummary[] runs)
    {
        var settings = runs.Select(run => Flatten(run.Config)).ToArray();
        return
        [
            .. from name in settings.SelectMany(one => one.Keys).Distinct(StringComparer.Ordinal)
               let values = settings.Select(one => one.GetValueOrDefault(name)).ToArray()
               where values.Distinct(StringComparer.Ordinal).Count() > 1
               select new SettingDifference(name, values),
        ];
    }

    private static Dictionary<string, string> Flatten(RunConfig config)
    {
        var found = new Dictionary<string, string>(StringComparer.Ordinal);
        void Add(string name, JsonElement value)
        {
            if (value.ValueKind != JsonValueKind.Object) found[name] = value.ToString();
            else foreach (var inner in value.EnumerateObject()) Add($"{name}.{inner.Name}", inner.Value);
        }

        using var document = JsonDocument.Parse(config.ToJson());
        foreach (var property in document.RootElement.EnumerateObject())
        {
            if (!LeftOut.Contains(property.Name, StringComparer.Ordinal)) Add(property.Name, property.Value);
        }

        return found;
    }

    private static RunVerdict Judge(RunSummary first, RunFolder firstFolder, RunSummary other, RunFolder otherFolder)
    {
        var (compared, differs) = CompareLosses(first, other);
        var step = Steps(firstFolder).Intersect(Steps(otherFolder)).DefaultIfEmpty().Max();
        var same = first.Config.SameBitsAs(other.Config);
        bool? equal = same && step > 0 ? Weights(firstFolder.CheckpointFolder(step)) == Weights(otherFolder.CheckpointFolder(step)) : null;
        return new RunVerdict(
            first.Name,
            other.Name,
            same,
            first.Config.DataHashes.SequenceEqual(other.Config.DataHashes, StringComparer.Ordinal),
            first.Config.TokenizerHash == other.Config.TokenizerHash,
            compared,
            differs,
            equal is null ? null : step,
            equal);
    }

    private static IEnumerable<long> Steps(RunFolder folder) => folder.Checkpoints().Select(checkpoint => checkpoint.Step);

    /// <summary>The hash of what was trained, the model or an adapter, after every file of the checkpoint was compared with its own.</summary>
    private static string Weights(string checkpoint) =>
        RunCheckpoint.Verify(checkpoint).WeightsId;

    /// <summary>How many steps both have, and the first whose losses are not the same bits.</summary>
    private static (long Compared, long? Differs) CompareLosses(RunSummary first, RunSummary other)
    {
        var theirs = Losses(other);
        long compared = 0;
        foreach (var (step, loss) in Losses(first).OrderBy(pair => pair.Key))
        {
            if (!theirs.TryGetValue(step, out var their)) continue;
            if (BitConverter.DoubleToInt64Bits(their) != BitConverter.DoubleToInt64Bits(loss)) return (compared, step);
            compared++;
        }

        return (compared, null);
    }

    private static Dictionary<long, double> Losses(RunSummary run) => run.Entries.Where(entry => entry is { Kind: "step", Loss: not null })
        .GroupBy(entry => entry.Step).ToDictionary(group => group.Key, group => group.Last().Loss!.Value);
}

/// <param name="Name">As in run.json, with a point before each inner name.</param>
/// <param name="Values">One for each run; null where a run has none.</param>
public sealed record SettingDifference(string Name, IReadOnlyList<string?> Values);

/// <summary>What can be said of two runs.</summary>
/// <param name="First">One run.</param>
/// <param name="Other">The other.</param>
/// <param name="SameSettings">Both should lead to the same bits.</param>
/// <param name="SameData">All data hashes are equal.</param>
/// <param name="SameTokenizer">Their tokens are the same.</param>
/// <param name="EqualSteps">Steps from the first on whose losses are the same bits in both.</param>
/// <param name="FirstDifference">The finished steps at which losses first differ; null when they never do.</param>
/// <param name="WeightsStep">The newest checkpoint of both that was compared; null when settings differ or they have none in common.</param>
/// <param name="WeightsEqual">Whether its weights are equal bit for bit, after every file was compared with its SHA-256.</param>
public sealed record RunVerdict(
    string First, string Other, bool SameSettings, bool SameData, bool SameTokenizer, long EqualSteps, long? FirstDifference, long? WeightsStep, bool? WeightsEqual)
{
    /// <summary>The same in one sentence.</summary>
    public override string ToString() => this switch
    {
        { SameSettings: false } => $"{Both} have different settings, so they need not agree; {DataWords}.",
        { WeightsEqual: true, FirstDifference: null } =>
            $"{Both} are the same run: weights bit-equal at step {WeightsStep:N0}, all {EqualSteps:N0} losses equal.",
        { WeightsEqual: true } => $"{Both} have bit-equal weights at step {WeightsStep:N0}, but their logs first differ at step {FirstDifference:N0}.",
        { WeightsEqual: false, FirstDifference: { } step } =>
            $"{Both} have the same settings, but their losses first differ at step {step:N0}, and their weights at step {WeightsStep:N0} differ.",
        { FirstDifference: { } step } => $"{Both} have the same settings, but their losses first differ at step {step:N0}.",
        { WeightsEqual: false } => $"{Both} have equal losses in all {EqualSteps:N0} steps they share, but different weights at step {WeightsStep:N0}.",
        _ => $"{Both} have equal losses in all {EqualSteps:N0} steps they share; they have no checkpoint of one step to compare.",
    };

    private string Both => $"{Other} and {First}";

    private string DataWords => (SameData, SameTokenizer) switch
    {
        (true, _) => "their data is the same",
        (_, true) => "their data differs, their tokenizer is the same",
        _ => "their data and tokenizers differ: compare bits per byte, not losses",
    };
}
