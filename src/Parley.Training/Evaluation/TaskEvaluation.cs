using System.Security.Cryptography;
using System.Text;
using Parley.Inference;
using Parley.Tensors;
using Parley.Training.Evaluation.Results;
using Parley.Training.Evaluation.Scoring;
using Parley.Training.Evaluation.Tasks;

namespace Parley.Training.Evaluation;

/// <summary>
/// Asks a model the questions of a task and counts. The numbers depend on weights, tokenizer, file, prompt, examples and seed, and on
/// nothing else.
/// </summary>
public sealed class TaskEvaluation(LoadedModel model, Engine engine, EvaluationOptions options, TimeProvider? time = null)
{
    private const ulong ShotStream = 0x73686F74; // keeps the examples' draws apart from the bootstrap's

    private readonly TimeProvider _time = time ?? TimeProvider.System;
    private readonly LikelihoodScorer _scorer = new(model, engine);
    private readonly GreedyWriter _writer = new(model, engine);

    /// <param name="task">What to ask.</param>
    /// <param name="file">Its questions.</param>
    /// <param name="progress">Told of questions done.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public async Task<TaskResult> RunAsync(
        EvaluationTask task, TaskFile file, Action<int, int>? progress = null, CancellationToken cancellationToken = default)
    {
        var started = _time.GetTimestamp();
        TaskItem[] items = [.. Enumerable.Range(0, Math.Min(options.Limit ?? int.MaxValue, file.Items.Count)).Select(i => WithShots(file.Items, i))];
        var result = new TaskResult
        {
            Name = task.Name,
            PromptVersion = task.PromptVersion,
            File = Path.GetFileName(file.Path),
            FileSha256 = file.Sha256,
            QuestionsInFile = file.Items.Count,
            Shots = options.Shots,
        };
        if (task is GenerationTask writing && await writing.MissingAsync(cancellationToken) is { } missing) return result with { Skipped = missing };
        var (metrics, truncated) = task switch
        {
            LikelihoodTask likelihood => await CompareAsync(likelihood, [.. items.Cast<LikelihoodItem>()], progress, cancellationToken),
            GenerationTask generation => await WriteAsync(generation, [.. items.Cast<GenerationItem>()], progress, cancellationToken),
            _ => throw new InvalidOperationException($"Nothing is known of tasks of the kind {task.GetType().Name}."),
        };
        return result with
        {
            PromptsSha256 = Hash(items),
            Questions = items.Length,
            Truncated = truncated,
            Metrics = metrics,
            Seconds = _time.GetElapsedTime(started).TotalSeconds,
        };
    }

    private async Task<(IReadOnlyList<MetricResult>, int)> CompareAsync(
        LikelihoodTask task, LikelihoodItem[] items, Action<int, int>? progress, CancellationToken cancellationToken)
    {
        var scores = new PairScore[items.Length][];
        await ForEachAsync(
            items.Length, progress, async (i, token) => scores[i] = await _scorer.ScoreAsync(items[i].Pairs, task.NeedsGreedy, token), cancellationToken);
        return (task.Measure(items, scores, options.Seed), scores.Count(score => score.Any(pair => pair.IsTruncated)));
    }

    private async Task<(IReadOnlyList<MetricResult>, int)> WriteAsync(
        GenerationTask task, GenerationItem[] items, Action<int, int>? progress, CancellationToken cancellationToken)
    {
        var (verdicts, truncated) = (new bool[items.Length][], new bool[items.Length]);
        await ForEachAsync(
            items.Length,
            progress,
            async (i, token) =>
            {
                (var text, truncated[i]) = await _writer.WriteAsync(items[i].Prompt, task.Stops, task.MostTokens, token);
                verdicts[i] = await task.JudgeAsync(items[i], text, token);
            },
            cancellationToken);
        var metrics = task.Metrics.Select((name, metric) => MetricResult.Proportion(name, [.. verdicts.Select(verdict => verdict[metric])]));
        return ([.. metrics], truncated.Count(cut => cut));
    }

    private Task ForEachAsync(int count, Action<int, int>? progress, Func<int, CancellationToken, Task> body, CancellationToken cancellationToken)
    {
        var done = 0;
        var parallel = new ParallelOptions { MaxDegreeOfParallelism = options.AtOnce, CancellationToken = cancellationToken };
        return Parallel.ForAsync(0, count, parallel, async (i, token) =>
        {
            await body(i, token);
            progress?.Invoke(Interlocked.Increment(ref done), count);
        });
    }

    /// <summary>The question behind its examples: other questions of the file without one twice, the same ones whatever the limit.</summary>
    private TaskItem WithShots(IReadOnlyList<TaskItem> all, int index)
    {
        var shots = new List<int>();
        for (ulong draw = 0; shots.Count < Math.Min(options.Shots, all.Count - 1); draw++)
        {
            var other = (int)(((ulong)Philox.Next(options.Seed, ShotStream + (ulong)index, draw).X * (ulong)all.Count) >> 32);
            if (other != index && !shots.Contains(other)) shots.Add(other);
        }

        var before = string.Concat(shots.Select(shot => all[shot].Shot + EvaluationTask.ShotSeparator));
        return all[index] switch
        {
            LikelihoodItem item => item with { Pairs = [.. item.Pairs.Select(pair => pair with { Context = before + pair.Context })] },
            GenerationItem item => item with { Prompt = before + item.Prompt },
            var item => item,
        };
    }

    // A unit separator, which no text has, so that no two lists of texts have one hash.
    private static string Hash(IEnumerable<TaskItem> items)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var text in items.SelectMany(Texts)) hash.AppendData(Encoding.UTF8.GetBytes(text + '\u001F'));
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    private static IEnumerable<string> Texts(TaskItem item) => item is LikelihoodItem likelihood
        ? likelihood.Pairs.SelectMany(pair => new[] { pair.Context, pair.Continuation })
        : [((GenerationItem)item).Prompt];
}
