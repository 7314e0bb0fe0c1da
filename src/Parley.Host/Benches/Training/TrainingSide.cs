using System.Diagnostics;
using System.Globalization;
using Parley.Host.Measurements;
using Parley.Models;
using Parley.Tensors;
using Parley.Tensors.Measurements;
using Parley.Training;
using Parley.Training.Batches;
using Parley.Training.Optimization;

namespace Parley.Host.Benches.Training;

/// <summary>
/// Our half of the bench, in a process of its own: the trainer on the bench's batches. Answers the questions that the peer's script answers:
/// "step N" in seconds, "loss", "memory"; and "phases", where the time since the last time went, to stderr.
/// </summary>
internal sealed class TrainingSide(TrainingShape shape, ComputeContext context) : IDisposable
{
    private readonly Decoder _decoder = TrainingFiles.Initial(shape);
    private Trainer? _trainer;
    private double _loss;

    private Trainer Trainer => _trainer ??= new Trainer(_decoder, new Source(shape), Options, context);

    // Neither side clips; ours computes the norm all the same, to notice a run that diverges.
    private static TrainerOptions Options => new()
    {
        Schedule = new LearningRateSchedule(ScheduleKind.WarmupStableDecay, Peak: 1e-3, Warmup: 0, Steps: 1_000_000),
        ClipNorm = 0,
    };

    public async Task ServeAsync(TextReader questions, TextWriter answers, CancellationToken cancellationToken)
    {
        await AnswerAsync(answers, "parley");
        while (await questions.ReadLineAsync(cancellationToken) is { Length: > 0 } line)
        {
            var words = line.Split(' ');
            var number = words[0] switch
            {
                "step" => Step(long.Parse(words[1], CultureInfo.InvariantCulture)),
                "loss" => _loss,
                "memory" => ProcessMemory.Peak(),
                "phases" => Phases(),
                _ => throw new InvalidDataException($"'{line}' is no question of the bench."),
            };
            await AnswerAsync(answers, number.ToString("R", CultureInfo.InvariantCulture));
        }
    }

    public void Dispose()
    {
        _trainer?.Dispose();
        _decoder.Dispose();
    }

    private double Step(long step)
    {
        var started = Stopwatch.GetTimestamp();
        _loss = Trainer.Step(step).Loss;
        return Stopwatch.GetElapsedTime(started).TotalSeconds;
    }

    private double Phases()
    {
        if (context.Workers.Profile is not { } profile)
        {
            context.Workers.Profile = new WorkProfile();
            return 0;
        }

        Console.Error.WriteLine(Trainer.Times);
        foreach (var (work, time, calls) in profile.Kinds)
        {
            Console.Error.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{time.TotalSeconds,9:F3} s {calls,7} x {work}"));
        }

        profile.Clear();
        return 0;
    }

    private static async Task AnswerAsync(TextWriter answers, string line)
    {
        await answers.WriteLineAsync(line);
        await answers.FlushAsync();
    }

    /// <summary>The batches of the file, computed rather than read.</summary>
    private sealed class Source(TrainingShape shape) : IBatchSource
    {
        public int Shards => 1;

        public Batch Read(long step, int shard)
        {
            var tokens = new int[shape.Tokens];
            var targets = new int[shape.Tokens];
            for (var sequence = 0; sequence < shape.Batch; sequence++)
            {
                var row = shape.Row((int)(step % TrainingFiles.Batches), sequence).AsSpan();
                row[..^1].CopyTo(tokens.AsSpan(sequence * shape.Context));
                row[1..].CopyTo(targets.AsSpan(sequence * shape.Context));
            }

            var weights = new float[shape.Tokens];
            weights.AsSpan().Fill(1);
            return new Batch(tokens, targets, weights, AttentionBatch.Whole(shape.Batch, shape.Context), shape.Tokens);
        }

        public string Describe(long step, int shard) => $"batch {step % TrainingFiles.Batches} of the bench";
    }
}
