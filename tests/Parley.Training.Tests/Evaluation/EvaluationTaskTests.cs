using System.IO.Compression;
using System.Text;
using System.Text.Json;
using System.Xml.Linq;
using Parley.Testing;
using Parley.Training.Evaluation;
using Parley.Training.Evaluation.Results;
using Parley.Training.Evaluation.Scoring;
using Parley.Training.Evaluation.Tasks;
using Parley.Training.Reports;

namespace Parley.Training.Tests.Evaluation;

/// <summary>Prompts byte for byte, counts against answers known beforehand, and what is said of files that are no tasks. All questions here are made up.</summary>
public sealed class EvaluationTaskTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("arc_easy", """{"query": "Question: What is wet?", "choices": ["rain", "sand"], "gold": 0}""", "Question: What is wet?\nAnswer:", " sand")]
    [InlineData("piqa", """{"query": "Question: dry it\n", "choices": ["sun", "sea"], "gold": 0}""", "Question: dry it\nAnswer:", " sea")]
    [InlineData("boolq", """{"query": "Passage: A.\nQuestion: b?", "choices": ["no", "yes"], "gold": 1}""", "A.\nQuestion: b?\nAnswer:", " yes")]
    [InlineData("copa", """{"query": "It rained, therefore", "choices": ["it dried.", "it was wet."], "gold": 1}""", "It rained, therefore", " it was wet.")]
    [InlineData("winogrande", """{"context_options": ["Ann saw", "Bo saw"], "continuation": "it.", "gold": 0}""", "Bo saw", " it.")]
    [InlineData("lambada_openai", """{"context": "I like", "continuation": "tea"}""", "I like", " tea")]
    public void Prompts_are_what_the_field_asks(string task, string record, string context, string lastContinuation)
    {
        using var json = JsonDocument.Parse(record);
        var item = Assert.IsType<LikelihoodItem>(EvaluationTasks.Select(task)[0].Read(json.RootElement));
        Assert.Equal(new TextPair(context, lastContinuation), item.Pairs[^1]);
    }

    [Fact]
    public void The_likeliest_answer_and_the_likeliest_for_its_bytes_are_told_apart()
    {
        var task = (LikelihoodTask)EvaluationTasks.Select("arc_easy")[0];
        LikelihoodItem[] items = [new([default, default], [2, 10], 1, ""), new([default, default], [1, 1], 0, "")];
        PairScore[][] scores = [[new(-4, false, false), new(-5, false, false)], [new(-1, false, false), new(-2, false, false)]];
        var metrics = task.Measure(items, scores, 1);
        Assert.Equal([("acc", 0.5), ("acc_norm", 1.0)], metrics.Select(metric => (metric.Name, metric.Value)));
    }

    [Fact]
    public async Task A_task_is_counted_as_its_likelihoods_say_whatever_the_batch()
    {
        var path = Write("piqa.jsonl.gz", [.. Enumerable.Range(0, 9).Select(i => $$"""{"query": "the cat {{i}}", "choices": ["runs", "sees a ball"], "gold": {{i % 2}}}""")]);
        var task = EvaluationTasks.Select("piqa")[0];
        var file = TaskFile.Read(task, TaskFile.Find(task, [_folder.Path])!);
        Assert.Equal((path, 9), (file.Path, file.Items.Count));
        await using var tiny = new TinyExaminee();
        var (one, many) = (await Run(1), await Run(16));
        Assert.Equal(one.Metrics, many.Metrics);
        Assert.Equal(one.PromptsSha256, many.PromptsSha256);
        var right = file.Items.Cast<LikelihoodItem>().Take(7).Count(item =>
        {
            var sums = item.Pairs.Select(pair => tiny.Forward(tiny.Tokenizer.Encode(pair.Context + pair.Continuation)).Skip(tiny.Tokenizer.Encode(pair.Context).Length - 1).Sum());
            return (sums.First() >= sums.Last() ? 0 : 1) == item.Gold;
        });
        Assert.Equal(right / 7.0, one.Metrics[0].Value, 1e-9);
        Assert.Equal((7, 9), (one.Questions, one.QuestionsInFile));

        Task<TaskResult> Run(int atOnce) => new TaskEvaluation(tiny.Model, tiny.Engine, new() { AtOnce = atOnce, Limit = 7 }).RunAsync(task, file);
    }

    [Fact]
    public async Task Examples_come_from_other_questions_and_change_the_prompts()
    {
        Write("copa.jsonl", [.. Enumerable.Range(0, 4).Select(i => $$"""{"query": "cat {{i}}", "choices": ["runs", "sees"], "gold": 0}""")]);
        var task = EvaluationTasks.Select("copa")[0];
        var file = TaskFile.Read(task, _folder.File("copa.jsonl"));
        await using var tiny = new TinyExaminee();
        var results = new List<string?>();
        foreach (var shots in new[] { 0, 2, 2, 99 }) results.Add((await new TaskEvaluation(tiny.Model, tiny.Engine, new() { Shots = shots }).RunAsync(task, file)).PromptsSha256);
        Assert.Equal(results[1], results[2]);
        Assert.Equal(3, results.Distinct().Count());
    }

    [Fact]
    public async Task Where_all_tokens_are_equally_likely_the_perplexity_is_known()
    {
        Write("lambada_openai.jsonl", """{"context": "the cat sees a", "continuation": "ball"}""");
        var task = EvaluationTasks.Select("lambada_openai")[0];
        await using var tiny = new TinyExaminee(scale: 0);
        var result = await new TaskEvaluation(tiny.Model, tiny.Engine, new()).RunAsync(task, TaskFile.Read(task, _folder.File("lambada_openai.jsonl")));
        var tokens = tiny.Tokenizer.Encode("the cat sees a ball").Length - tiny.Tokenizer.Encode("the cat sees a").Length;
        var expected = Math.Pow(tiny.Model.Config.VocabularySize, tokens);
        Assert.Equal(expected, result.Metrics.Single(metric => metric.Name == "perplexity").Value, expected * 1e-4);
    }

    [Theory]
    [InlineData("{\"query\": \"a\", \"choices\": [\"b\"], \"gold\": 0}", "choices")]
    [InlineData("{\"query\": \"a\", \"choices\": [\"b\", \"c\"], \"gold\": 2}", "gold")]
    [InlineData("{\"choices\": [\"b\", \"c\"], \"gold\": 0}", "query")]
    [InlineData("[1]", "query")]
    [InlineData("{\"query\"", "line 2")]
    public void A_malformed_line_is_named(string line, string named)
    {
        Write("piqa.jsonl", """{"query": "a", "choices": ["b", "c"], "gold": 1}""", line);
        var error = Assert.Throws<InvalidDataException>(() => TaskFile.Read(EvaluationTasks.Select("piqa")[0], _folder.File("piqa.jsonl")));
        Assert.Contains("piqa.jsonl, line 2", error.Message, StringComparison.Ordinal);
        Assert.Contains(named, error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', error.Message);
    }

    [Fact]
    public void An_empty_file_and_an_unknown_task_are_told()
    {
        Write("piqa.jsonl");
        Assert.Contains("no question", Assert.Throws<InvalidDataException>(() => TaskFile.Read(EvaluationTasks.Select("piqa")[0], _folder.File("piqa.jsonl"))).Message, StringComparison.Ordinal);
        var error = Assert.Throws<InvalidDataException>(() => EvaluationTasks.Select("piqa,chess"));
        Assert.Contains("'chess'", error.Message, StringComparison.Ordinal);
        Assert.All(EvaluationTasks.All, task => Assert.Contains(task.Name, error.Message, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("He has 2 + 3 = 5.\n#### 1,205", true, true)]
    [InlineData("So there are 7, that is $1205.", false, true)]
    [InlineData("#### 12", false, false)]
    [InlineData("", false, false)]
    public async Task Sums_are_read_as_the_field_reads_them(string answer, bool exact, bool flexible)
    {
        var task = (GenerationTask)EvaluationTasks.Select("gsm8k")[0];
        using var json = JsonDocument.Parse("""{"question": "How many?", "answer": "Many.\n#### 1,205"}""");
        var item = (GenerationItem)task.Read(json.RootElement);
        Assert.Equal("Question: How many?\nAnswer:", item.Prompt);
        var verdicts = await task.JudgeAsync(item, answer, CancellationToken.None);
        Assert.Equal((exact, flexible), (verdicts[0], verdicts[1]));
    }

    [Fact]
    public void Intervals_are_Wilsons_and_hold_the_value_and_bootstraps_repeat()
    {
        var metric = MetricResult.Proportion("acc", [.. Enumerable.Range(0, 10).Select(i => i < 5)]);
        Assert.Equal((0.5, 0.2366, 0.7634), (metric.Value, Math.Round(metric.Low, 4), Math.Round(metric.High, 4))); // Wilson's own formula, by hand
        Assert.Equal(Math.Sqrt(0.25 / 9), metric.StandardError, 1e-12);
        Assert.True(MetricResult.Proportion("acc", [false, false]).High > 0.5);
        var terms = Enumerable.Range(1, 50).Select(i => ((double)i, 1.0)).ToArray();
        var mean = MetricResult.Bootstrap("mean", terms, (sum, count) => sum / count, true, 9);
        Assert.Equal(mean, MetricResult.Bootstrap("mean", terms, (sum, count) => sum / count, true, 9));
        Assert.Equal(14.43 / Math.Sqrt(50), mean.StandardError, 0.2); // the standard deviation of 1 to 50 is 14.43
        Assert.InRange(mean.Value, mean.Low, mean.High);
    }

    [Fact]
    public void A_result_survives_its_file_and_its_page_is_well_formed()
    {
        var result = new EvaluationResult
        {
            Model = "<tiny>", WeightsId = "w", TokenizerHash = "t", Arithmetic = "Exact", CacheType = "F32", ContextLength = 8, Seed = 1, Created = DateTimeOffset.UnixEpoch,
            Tasks =
            [
                new() { Name = "a", PromptVersion = "a/1", File = "a", FileSha256 = "00", Questions = 2, Metrics = [MetricResult.Proportion("acc", [true, false])] },
                new() { Name = "b", PromptVersion = "b/1", File = "b", FileSha256 = "00", Skipped = "No & no." },
            ],
        };
        File.WriteAllText(_folder.File("r.json"), result.ToJson());
        Assert.Equal(result.ToJson(), EvaluationResult.Read(_folder.File("r.json")).ToJson());
        var page = XDocument.Parse(EvaluationPage.Html(result, result).Replace("<!doctype html>", "", StringComparison.Ordinal));
        Assert.Equal(2, page.Descendants("rect").Count());
        Assert.Contains("No & no.", page.Descendants("td").Select(cell => cell.Value));
        File.WriteAllText(_folder.File("r.json"), "{}");
        Assert.Contains("r.json", Assert.Throws<InvalidDataException>(() => EvaluationResult.Read(_folder.File("r.json"))).Message, StringComparison.Ordinal);
    }

    private string Write(string name, params string[] lines)
    {
        var path = _folder.File(name);
        using Stream file = File.Create(path);
        using var stream = name.EndsWith(".gz", StringComparison.Ordinal) ? new GZipStream(file, CompressionLevel.Fastest) : file;
        stream.Write(Encoding.UTF8.GetBytes(string.Concat(lines.Select(line => line + "\n"))));
        return path;
    }
}
