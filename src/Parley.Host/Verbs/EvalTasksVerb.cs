using System.CommandLine;
using System.Globalization;
using Parley.Inference;
using Parley.Tensors;
using Parley.Text;
using Parley.Text.Shards;
using Parley.Training.Evaluation;
using Parley.Training.Evaluation.Results;
using Parley.Training.Evaluation.Scoring;
using Parley.Training.Evaluation.Tasks;
using Parley.Training.Reports;
using Spectre.Console;
using Parley.Training.Stages;

namespace Parley.Host.Verbs;

/// <summary>
/// <c>parley eval MODEL</c>: published tasks from files, scored as the field does, and bits per byte of texts; a table, and JSON and a plot
/// where asked for.
/// </summary>
internal static class EvalTasksVerb
{
    private static readonly Argument<string> Model = OptionalModel();
    private static readonly Option<string?> Models = ModelPlace.StoreFolder();
    private static readonly Option<string[]> Data = VerbOption.Many("--data", "Folders of task files (.jsonl, .jsonl.gz); default: ../shared/data.");
    private static readonly Option<string?> Tasks = new("--tasks")
    {
        Description = $"Which, by comma: {string.Join(", ", EvaluationTasks.All.Select(task => task.Name))}; default: all whose files are there.",
    };

    private static readonly Option<string[]> Texts = VerbOption.Many("--text", "Texts (.txt, .jsonl, .gz), folders of them or of shards, for bits per byte.");
    private static readonly Option<int?> Limit = new("--limit") { Description = "Only the first questions of each file." };
    private static readonly Option<int> Shots = VerbOption.Of("--shots", "Examples before each question.", 0);
    private static readonly Option<ulong> Seed = VerbOption.Of("--seed", "Of the examples and the confidence intervals.", 1234UL);
    private static readonly Option<int> Batch = VerbOption.Of("--batch", "Questions under way at once; changes no number.", 16);
    private static readonly Option<int?> Threads = new("--threads") { Description = "Threads that compute; default: one per core." };
    private static readonly Option<string?> Json = new("--json")
    {
        Description = "Write the result to this file, or print it when no file is named.",
        Arity = ArgumentArity.ZeroOrOne,
    };

    private static readonly Option<string?> Plot = new("--plot") { Description = "Write an HTML page with bars and intervals." };
    private static readonly Option<string[]> Beside = VerbOption.Many("--beside", "Results of other models (from --json) to show on the page too.");
    private static readonly Option<Arithmetic> Arithmetic = ServingOptions.Arithmetic();
    private static readonly Option<string> Cache = CacheType.Option();

    public static Command Create()
    {
        var command = new Command("eval", "Score a model on published tasks and texts, or ask it what can be checked.")
        {
            Model, Data, Tasks, Texts, Limit, Shots, Seed, Batch, Threads, Json, Plot, Beside, Arithmetic, Cache, Models,
        };
        command.SetAction(RunAsync);
        return command;
    }

    // `eval tiny-world` names no model this way, so the parser may not insist on one.
    private static Argument<string> OptionalModel()
    {
        var argument = ModelPlace.Argument("model");
        argument.Arity = ArgumentArity.ZeroOrOne;
        return argument;
    }

    private static async Task<int> RunAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        // 1. Whatever is wrong with the request is said before the model is read.
        Check(parsed);
        var files = ReadFiles(parsed);
        EvaluationResult[] beside = [.. (parsed.GetValue(Beside) ?? []).Select(EvaluationResult.Read)];

        // 2. One engine for everything: its batches are ragged, and no number depends on them.
        using var model = LoadedModel.Load(ModelPlace.Resolve(parsed, Model, Models));
        using var context = new ComputeContext(parsed.GetValue(Threads), arithmetic: parsed.GetValue(Arithmetic));
        var options = new EvaluationOptions
        {
            Limit = parsed.GetValue(Limit), Shots = parsed.GetValue(Shots), Seed = parsed.GetValue(Seed), AtOnce = parsed.GetValue(Batch),
        };
        var cache = CacheType.Read(parsed, Cache);
        await using var engine = new Engine(model.Decoder, EngineSizes(options.AtOnce) with { ModelName = model.Id, CacheDType = cache }, context);

        // 3. The tasks, then the texts.
        var results = new List<TaskResult>();
        await ProgressView.RunAsync(bytes: false, async view =>
        {
            var evaluation = new TaskEvaluation(model, engine, options);
            foreach (var (task, file) in files)
            {
                results.Add(await evaluation.RunAsync(task, file, (done, total) => view.Report(task.Name, done, total), cancellationToken));
            }

            foreach (var path in parsed.GetValue(Texts) ?? []) results.Add(await MeasureTextAsync(path, model, engine, options, cancellationToken));
        });

        // 4. What was found, with everything it depends on.
        var result = new EvaluationResult
        {
            Model = model.Id,
            WeightsId = model.Decoder.WeightsId,
            TokenizerHash = model.Tokenizer.Hash,
            Arithmetic = context.Arithmetic.ToString(),
            CacheType = cache.ToString(),
            ContextLength = engine.ContextLength,
            Seed = options.Seed,
            Created = TimeProvider.System.GetUtcNow(),
            Tasks = results,
        };
        Write(parsed, result, beside);
        return 0;
    }

    private static void Check(ParseResult parsed)
    {
        if (parsed.GetValue(Model) is null)
        {
            throw new InvalidDataException("Name the model to score: a .gguf file, a model's folder or a stored model's name.");
        }

        AtLeast("--limit", parsed.GetValue(Limit) ?? 1, 1);
        AtLeast("--shots", parsed.GetValue(Shots), 0);
        AtLeast("--batch", parsed.GetValue(Batch), 1);
    }

    private static void AtLeast(string name, int value, int least)
    {
        if (value < least) throw new InvalidDataException($"'{name} {value}' cannot be; give {least} or more.");
    }

    /// <summary>Named tasks must have their files; without names every task whose file is there, unless only texts were asked for.</summary>
    private static List<(EvaluationTask Task, TaskFile File)> ReadFiles(ParseResult parsed)
    {
        var names = parsed.GetValue(Tasks);
        var folders = parsed.GetValue(Data) is { Length: > 0 } given ? given : [Path.Combine("..", "shared", "data")];
        if (names is null && parsed.GetValue(Texts) is { Length: > 0 }) return [];
        var tasks = EvaluationTasks.Select(names);
        if (folders.FirstOrDefault(folder => !Directory.Exists(folder)) is { } missing)
        {
            throw new InvalidDataException($"The folder {missing} does not exist; name the folder of task files with --data.");
        }

        var found = tasks.Select(task => (Task: task, Path: TaskFile.Find(task, folders))).ToArray();
        if (names is not null && found.FirstOrDefault(entry => entry.Path is null).Task is { } lost)
        {
            throw new InvalidDataException($"The file {lost.File} (or .gz) of {lost.Name} is not in {string.Join(", ", folders)}; name its folder with --data.");
        }

        return found.Any(entry => entry.Path is not null)
            ? [.. found.Where(entry => entry.Path is not null).Select(entry => (entry.Task, TaskFile.Read(entry.Task, entry.Path!)))]
            : throw new InvalidDataException(
                $"{string.Join(", ", folders)} holds no task file; there could be {string.Join(", ", tasks.Select(task => task.File))}.");
    }

    private static EngineOptions EngineSizes(int atOnce) =>
        new() { MaxSequences = atOnce, MaxBatchTokens = Math.Max(512, atOnce), MaxWaiting = 1 << 20 };

    private static async Task<TaskResult> MeasureTextAsync(
        string path, LoadedModel model, Engine engine, EvaluationOptions options, CancellationToken cancellationToken)
    {
        var started = TimeProvider.System.GetTimestamp();
        var (documents, hash) = ReadText(path, model.Tokenizer, cancellationToken);
        var kept = options.Limit is { } limit ? documents[..Math.Min(limit, documents.Length)] : documents;
        var bits = new TextBits(model, new LikelihoodScorer(model, engine));
        var metric = await bits.MeasureAsync(kept, options.AtOnce, options.Seed, cancellationToken);
        return new()
        {
            Name = "text",
            PromptVersion = "rolling/1",
            File = Path.GetFileName(Path.TrimEndingDirectorySeparator(path)),
            FileSha256 = hash,
            Questions = kept.Length,
            QuestionsInFile = documents.Length,
            Metrics = [metric],
            Seconds = TimeProvider.System.GetElapsedTime(started).TotalSeconds,
        };
    }

    private static (int[][] Documents, string Hash) ReadText(string path, Tokenizer tokenizer, CancellationToken cancellationToken)
    {
        if (!File.Exists(Path.Combine(path, ShardManifest.FileName)))
        {
            var sources = TextSources.Of([path], "unknown");
            return ([.. TextSources.Texts(sources, cancellationToken).Select(tokenizer.Encode)], File.Exists(path) ? FileHashes.Of(path) : "");
        }

        using var reader = ShardReader.Open(path, tokenizer);
        var documents = reader.Documents().Select(document =>
        {
            var ids = new int[document.Count - 1]; // without the end that every document has there
            reader.Read(document.First, ids);
            return ids;
        });
        return ([.. documents], FileHashes.Of(Path.Combine(path, ShardManifest.FileName)));
    }

    private static void Write(ParseResult parsed, EvaluationResult result, EvaluationResult[] beside)
    {
        if (parsed.GetValue(Plot) is { } plot) File.WriteAllText(plot, EvaluationPage.Html([result, .. beside]));
        if (parsed.GetResult(Json) is null) EvalTable.Print(result);
        else if (parsed.GetValue(Json) is { } file)
        {
            EvalTable.Print(result);
            File.WriteAllText(file, result.ToJson() + "\n");
        }
        else
        {
            Console.Out.WriteLine(result.ToJson());
        }
    }
}
