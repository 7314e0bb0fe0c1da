using System.Diagnostics;
using System.Globalization;
using Parley.Host.Drills.ApiFuzzing;
using Parley.Host.Drills.Fuzzing;
using Parley.Host.Measurements;
using Parley.Host.Verification;

namespace Parley.Host.Drills;

/// <summary>
/// Random good and bad requests for every route of a real server with tiny models, for as long as asked: never a 500, never a hang, never a broken
/// connection; afterwards no block is held, no token is reserved, and it still answers. Each finding is kept with a command that sends it again.
/// </summary>
internal sealed class FuzzApiDrill : IExercise
{
    private const int UsualSeconds = 60;
    private const int Workers = 6;
    private const int ContextLength = 512; // tools in a prompt of single bytes take most of it
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(60);

    public string Name => "fuzz-api";

    public string Description => $"random good and bad requests for every route of a server with tiny models (--seconds, {UsualSeconds} unless told; --rounds: requests at most)";

    public async Task<IReadOnlyList<Measurement>> RunAsync(ExerciseOptions options, CancellationToken cancellationToken)
    {
        var folder = FuzzReadersDrill.CreateFolder();
        try
        {
            await using var server = await ServerProcess.StartAsync(Models(folder), Path.Combine(folder, "data"), cancellationToken);
            var (watch, time) = (Stopwatch.StartNew(), TimeSpan.FromSeconds(options.Seconds ?? UsualSeconds));
            var run = new ApiFuzzRun(server.Client.BaseAddress!, options.Seed, Deadline, () => server.ProcessorTime);
            var tally = await run.RunAsync(Workers, options.Rounds ?? long.MaxValue, () => watch.Elapsed > time, cancellationToken);
            await TellAsync(tally, options.Seed);
            return Rows(tally, options.Seed);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    /// <summary>A decoder that chats, an encoder, a cross-encoder: written afresh.</summary>
    private static string[] Models(string folder)
    {
        var decoder = Directory.CreateDirectory(Path.Combine(folder, ApiSeeds.Decoder)).FullName;
        FuzzSeeds.WriteFolder(decoder, ContextLength);
        return [decoder, Written(ApiSeeds.Encoder, "bert, mean"), Written(ApiSeeds.Judge, "bert, classification head")];

        string Written(string id, string name)
        {
            var path = Path.Combine(folder, id + ".gguf");
            TinyModelFile.Write(path, EmbeddingCase.All.Single(chosen => chosen.Name == name));
            return path;
        }
    }

    private static async Task TellAsync(ApiTally tally, ulong seed)
    {
        await Console.Error.WriteLineAsync(string.Create(CultureInfo.InvariantCulture, $"seed {seed}: {tally.Calls:N0} requests, {tally.Findings.Count} findings"));
        foreach (var (call, took, computed) in tally.Slowest)
        {
            await TellAsync(seed, call, string.Create(CultureInfo.InvariantCulture, $"took {took.TotalSeconds:F1} s, while the server computed for {computed?.TotalSeconds:F2} s"));
        }

        foreach (var (call, problem) in tally.Findings)
        {
            await TellAsync(seed, call, problem);
        }
    }

    private static async Task TellAsync(ulong seed, ApiCall call, string what)
    {
        var file = Path.Combine(Path.GetTempPath(), string.Create(CultureInfo.InvariantCulture, $"parley-fuzz-api-{seed}-{call.Number}"));
        await File.WriteAllBytesAsync(file, call.Body ?? []);
        await Console.Error.WriteLineAsync($"  request {call.Number} {what}\n    {call.Reproducer(file)}\n    {call.Excerpt()}");
    }

    private static Measurement[] Rows(ApiTally tally, ulong seed) =>
    [
        .. tally.Counts.OrderBy(count => count.Key.Endpoint, StringComparer.Ordinal).ThenBy(count => count.Key.Outcome, StringComparer.Ordinal)
            .Select(count => new Measurement($"{count.Key.Endpoint}: {count.Key.Outcome}", "requests", count.Value, Ok: !IsFault(count.Key.Outcome))),
        new Measurement("seed", "", seed),
        new Measurement("slowest request", "s", tally.Slowest.Max(slow => slow.Took.TotalSeconds)),
        new Measurement("most that the server computed during one request, with those beside it", "s", tally.Slowest.Max(slow => slow.Computed?.TotalSeconds ?? 0)),
        new Measurement("all routes", "requests", tally.Calls),
        new Measurement("findings", "requests", tally.Findings.Count, Goal: 0, Ok: tally.Findings.Count == 0),
    ];

    private static bool IsFault(string outcome) => outcome is "hang" or "broken" || outcome.StartsWith('5');
}
