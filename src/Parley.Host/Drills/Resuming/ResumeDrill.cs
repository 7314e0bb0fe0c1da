using Parley.Host.Measurements;
using Parley.Training.Runs;

namespace Parley.Host.Drills.Resuming;

/// <summary>
/// kill -9 of a training run at random moments, also while a checkpoint is being written, and flipped bits in checkpoints: the same command goes on each time,
/// and the final weights and moments are those of a run that nobody disturbed, bit for bit. Then what a checkpoint costs the run that writes it.
/// </summary>
internal sealed class ResumeDrill : IExercise
{
    private const int Documents = 40, WordsInDocument = 100;

    private static readonly string[] Words =
        ["the", "fox", "sees", "a", "red", "boat", "and", "runs", "home", "over", "seven", "hills", "where", "rain", "sings", "slowly", "in", "blue", "trees"];

    public string Name => "resume";

    public string Description => "30 times kill -9 of a training run, flipped bits, equal bits at the end; what a checkpoint costs (about 3 minutes)";

    /// <summary>Small enough to be started thirty times, with everything in it that a checkpoint must remember.</summary>
    internal static string[] SmallRun(int steps) =>
    [
        "--layers", "1", "--hidden", "32", "--heads", "2", "--context", "16", "--batch", "4", "--shards", "2", "--vocab", "300", "--optimizer", "muon",
        "--dropout", "0.1", "--ema", "0.99", "--warmup", "5", "--eval-every", "1000000", "--eval-tokens", "64", "--save-every", "10", "--threads", "1",
        "--steps", $"{steps}", "--sample", "the",
    ];

    public async Task<IReadOnlyList<Measurement>> RunAsync(ExerciseOptions options, CancellationToken cancellationToken)
    {
        var kills = options.Rounds ?? 30;
        var folder = Directory.CreateTempSubdirectory("parley-drill-").FullName;
        try
        {
            var outcome = await KillAsync(folder, kills, 15 * kills, new Random((int)options.Seed), cancellationToken);
            return
            [
                new("kills that hit a running process", "kills", outcome.Hits, Limit: kills, Goal: kills, Ok: outcome.Hits == kills),
                new("of these while a checkpoint was being written", "kills", outcome.InCheckpoint, Goal: 1, Ok: outcome.InCheckpoint > 0),
                new("flipped bits found and said aloud", "checkpoints", outcome.Noticed, Limit: outcome.Flipped, Goal: outcome.Flipped, Ok: outcome.Noticed == outcome.Flipped),
                new("final weights and moments equal to an undisturbed run", "runs", outcome.Equal ? 1 : 0, Goal: 1, Ok: outcome.Equal),
                .. await CostAsync(folder, cancellationToken),
            ];
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    /// <summary>Kills a run again and again, lets it end, and compares it with an undisturbed one.</summary>
    internal static async Task<ResumeOutcome> KillAsync(string folder, int kills, int steps, Random random, CancellationToken cancellationToken)
    {
        var text = WriteText(folder);
        var whole = await new KilledTraining(text, Path.Combine(folder, "whole"), SmallRun(steps)).FinishAsync(cancellationToken);
        var training = new KilledTraining(text, Path.Combine(folder, "killed"), SmallRun(steps));
        var outcome = new ResumeOutcome();
        long? injured = null;
        for (var kill = 1; kill <= kills; kill++)
        {
            var moment = (KillMoment)(kill % 3);
            var hit = await training.KillAsync(moment, random, cancellationToken);
            outcome.Hits += hit ? 1 : 0;
            outcome.InCheckpoint += hit && moment == KillMoment.InCheckpoint ? 1 : 0;

            // A process that was killed before it looked at its checkpoints could not notice anything; the next one will.
            injured = Notice(training, injured, outcome);
            if (injured is null && kill % 5 == 0 && training.FlipBit(random) is { } step) (injured, outcome.Flipped) = (step, outcome.Flipped + 1);
            await Console.Error.WriteLineAsync($"kill {kill} of {kills}: {moment}, at step {training.Step}{(injured is null ? "" : $", checkpoint {injured} has a flipped bit now")}");
        }

        outcome.Equal = (await training.FinishAsync(cancellationToken)).AsSpan().SequenceEqual(whole);
        Notice(training, injured, outcome);
        return outcome;
    }

    /// <summary>Counts an injured checkpoint as noticed when the process said so; returns the one that is still to be noticed.</summary>
    private static long? Notice(KilledTraining training, long? injured, ResumeOutcome outcome)
    {
        if (injured is not { } step || !training.Said.Contains($"Passing over the checkpoint of step {step:N0}", StringComparison.Ordinal)) return injured;
        outcome.Noticed++;
        return null;
    }

    private static string WriteText(string folder)
    {
        var random = new Random(1);
        var file = Path.Combine(folder, "text.jsonl");
        File.WriteAllLines(file, Enumerable.Range(0, Documents).Select(_ =>
            $$"""{"text": "{{string.Join(' ', Enumerable.Range(0, WordsInDocument).Select(_ => Words[random.Next(Words.Length)]))}}"}"""));
        return file;
    }

    /// <summary>A model of some 11M parameters on all cores: how long it waits for a checkpoint, and what the writing beside it costs.</summary>
    private static async Task<IReadOnlyList<Measurement>> CostAsync(string folder, CancellationToken cancellationToken)
    {
        const int every = 8;
        string[] settings = ["--depth", "6", "--context", "256", "--batch", "12", "--shards", "4", "--vocab", "400", "--steps", "40", "--save-every", $"{every}", "--warmup", "10",
            "--eval-every", "1000000", "--eval-tokens", "256", "--sample", "the"];
        var training = new KilledTraining(Path.Combine(folder, "text.jsonl"), Path.Combine(folder, "cost"), settings);
        await training.FinishAsync(cancellationToken);
        var entries = MetricsLog.Read(training.Run.MetricsFile).ToArray();
        var steps = entries.Where(entry => entry.Kind == "step").ToArray();
        double Took(int i) => steps[i].Seconds - steps[i - 1].Seconds;
        var indices = Enumerable.Range(every, steps.Length - every).ToArray(); // the first steps compile
        var beside = Rounds.Median([.. indices.Where(i => steps[i - 1].Step % every == 0).Select(Took)]);
        var plain = Rounds.Median([.. indices.Where(i => steps[i - 1].Step % every != 0).Select(Took)]);
        var stall = Rounds.Median([.. entries.Select(entry => entry.StallSeconds).OfType<double>()]);
        return
        [
            new("a checkpoint of 11M parameters stalls a step by", "% of a step", 100 * stall / plain, Goal: 5, Ok: stall < 0.05 * plain),
            new("the step beside which it is written takes longer by", "% of a step", 100 * ((beside / plain) - 1)),
            new("a step without a checkpoint", "ms", 1000 * plain),
        ];
    }
}

/// <summary>What a killed run went through and how it ended.</summary>
internal sealed class ResumeOutcome
{
    public int Hits { get; set; }

    public int InCheckpoint { get; set; }

    public int Flipped { get; set; }

    public int Noticed { get; set; }

    public bool Equal { get; set; }
}
