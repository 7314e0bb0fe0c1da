using System.Diagnostics;
using System.Globalization;
using Parley.Host.Drills.Fuzzing;
using Parley.Host.Measurements;

namespace Parley.Host.Drills;

/// <summary>
/// Millions of injured files for every reader of foreign formats, for as long as asked: never a crash, a hang, another
/// exception than a refusal, or memory out of proportion. What is found is kept as a file, and its number with the seed makes it again.
/// </summary>
internal sealed class FuzzReadersDrill : IExercise
{
    private const int UsualSeconds = 300;
    private static readonly TimeSpan Hang = TimeSpan.FromSeconds(60);

    public string Name => "fuzz-readers";

    public string Description => $"injured GGUF and safetensors files, configurations, tokenizers and templates (--seconds, {UsualSeconds} unless told; --rounds: mutations of each at most)";

    public async Task<IReadOnlyList<Measurement>> RunAsync(ExerciseOptions options, CancellationToken cancellationToken)
    {
        var folder = CreateFolder();
        try
        {
            var targets = ReaderTargets.All(folder);
            var time = TimeSpan.FromSeconds((double)(options.Seconds ?? UsualSeconds) / targets.Count);
            var rows = new List<Measurement>();
            foreach (var target in targets)
            {
                rows.AddRange(await RunAsync(target, folder, time, options, cancellationToken));
            }

            rows.Add(new Measurement("all readers: mutations", "files", rows.Where(row => row.Unit == "files").Sum(row => row.Ours)));
            return rows;
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    /// <summary>In memory where there is such a place: a file is written for every mutation.</summary>
    public static string CreateFolder()
    {
        var memory = Directory.Exists("/dev/shm") ? "/dev/shm" : Path.GetTempPath();
        return Directory.CreateDirectory(Path.Combine(memory, $"parley-fuzz-{Guid.NewGuid():N}")).FullName;
    }

    private static async Task<IEnumerable<Measurement>> RunAsync(FuzzTarget target, string folder, TimeSpan time, ExerciseOptions options, CancellationToken cancellationToken)
    {
        var watch = Stopwatch.StartNew();
        var workers = Environment.ProcessorCount;
        var runs = Enumerable.Range(0, workers).Select(_ => new FuzzRun(target, options.Seed)).ToArray();
        using var watchdog = new Timer(_ => EndIfHung(target, runs), null, Hang, Hang);
        var tallies = await Task.WhenAll(runs.Select((run, worker) => Task.Factory.StartNew(
            () => run.Run(Directory.CreateDirectory(Path.Combine(folder, target.Name, $"{worker}")).FullName, worker, workers, options.Rounds ?? long.MaxValue, () => watch.Elapsed > time || cancellationToken.IsCancellationRequested),
            cancellationToken,
            TaskCreationOptions.LongRunning,
            TaskScheduler.Default)));
        cancellationToken.ThrowIfCancellationRequested();
        var findings = tallies.SelectMany(tally => tally.Findings).OrderBy(finding => finding.Mutation).ToArray();
        var mutations = tallies.Sum(tally => tally.Mutations);
        await Console.Error.WriteLineAsync(string.Create(
            CultureInfo.InvariantCulture,
            $"{target.Name}: {mutations:N0} files, {tallies.Sum(tally => tally.Accepted):N0} accepted, {tallies.Sum(tally => tally.Refused):N0} refused, {findings.Length} findings"));
        Tell(findings, options.Seed);
        return
        [
            new Measurement($"{target.Name}: mutations", "files", mutations, Ok: findings.Length == 0),
            new Measurement($"{target.Name}: most bytes allocated for one of the file", "bytes", tallies.Max(tally => tally.Greediest)),
            new Measurement($"{target.Name}: longest read", "ms", tallies.Max(tally => tally.Slowest).TotalMilliseconds),
        ];
    }

    private static void Tell(FuzzFinding[] findings, ulong seed)
    {
        foreach (var finding in findings.DistinctBy(finding => finding.Problem).Take(10))
        {
            var path = Path.Combine(Path.GetTempPath(), string.Create(CultureInfo.InvariantCulture, $"parley-fuzz-{finding.Target.Replace(' ', '-')}-{seed}-{finding.Mutation}"));
            File.WriteAllBytes(path, finding.File);
            Console.Error.WriteLine($"  mutation {finding.Mutation} (kept as {path}): {finding.Problem}");
        }
    }

    // A thread that hangs cannot be stopped; the process can, once it has said where.
    private static void EndIfHung(FuzzTarget target, FuzzRun[] runs)
    {
        if (Array.Find(runs, run => run.Began != 0 && Stopwatch.GetElapsedTime(run.Began) > Hang) is { } hung)
        {
            Tell([new FuzzFinding(target.Name, hung.Current, $"has not ended after {Hang.TotalSeconds:F0} s", hung.Make(hung.Current))], 0);
            Environment.Exit(1);
        }
    }
}
