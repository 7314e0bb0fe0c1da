using System.Text.Json;
using System.Xml.Linq;
using Parley.Models;
using Parley.Training.Reports;
using Parley.Training.Runs;
using Parley.Training.Stages;

namespace Parley.Training.Tests;

/// <summary>Runs beside each other: the same settings must have given the same bits, and where not it is said at which step; other settings are listed.</summary>
public sealed class RunComparisonTests : IDisposable
{
    private readonly TinyCorpus _corpus = new();

    public void Dispose() => _corpus.Dispose();

    [Fact]
    public void The_same_settings_on_other_threads_are_the_same_run()
    {
        Train("one", threads: 1);
        Train("two", threads: 2);
        var comparison = RunComparison.Of([Folder("one"), Folder("two")]);
        Assert.Empty(comparison.Settings);
        var verdict = Assert.Single(comparison.Verdicts);
        Assert.Equal((true, true, 6L, null, 6L, true), (verdict.SameSettings, verdict.SameData, verdict.EqualSteps, verdict.FirstDifference, verdict.WeightsStep, verdict.WeightsEqual));
        Assert.Equal("two and one are the same run: weights bit-equal at step 6, all 6 losses equal.", verdict.ToString());
        Assert.Contains(RunFigures.Of(comparison.Runs), row => row is { Name: "threads", Values: ["1", "2"] });
    }

    [Fact]
    public void Losses_that_part_are_found_at_their_first_step()
    {
        Train("one", threads: 1);
        CopyRun("one", "other");
        var lines = File.ReadAllLines(Folder("other").MetricsFile);
        var third = Array.FindIndex(lines, line => line.StartsWith("{\"kind\":\"step\",\"step\":3,", StringComparison.Ordinal));
        var loss = MetricsLog.Read(Folder("one").MetricsFile).First(entry => entry is { Kind: "step", Step: 3 }).Loss!.Value;
        lines[third] = lines[third].Replace($"\"loss\":{loss:R}", $"\"loss\":{Math.BitIncrement(loss):R}", StringComparison.Ordinal);
        File.WriteAllLines(Folder("other").MetricsFile, lines);
        var verdict = RunComparison.Of([Folder("one"), Folder("other")]).Verdicts[0];
        Assert.Equal((2L, 3L, true), (verdict.EqualSteps, verdict.FirstDifference, verdict.WeightsEqual));
        Assert.Contains("logs first differ at step 3", verdict.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void A_damaged_checkpoint_is_no_proof()
    {
        Train("one", threads: 1);
        CopyRun("one", "other");
        var weights = Path.Combine(Folder("other").CheckpointFolder(6), Checkpoint.WeightsFile);
        var bytes = File.ReadAllBytes(weights);
        bytes[^1] ^= 1;
        File.WriteAllBytes(weights, bytes);
        Assert.Contains("SHA-256", Assert.Throws<ModelFormatException>(() => RunComparison.Of([Folder("one"), Folder("other")])).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Other_settings_are_listed_and_drawn_over_steps_tokens_and_time()
    {
        Train("one", threads: 1);
        Train("other", threads: 1, seed: 2, rate: 2e-2);
        var comparison = RunComparison.Of([Folder("one"), Folder("other")]);
        Assert.Equal(["learning_rate", "seed"], comparison.Settings.Select(setting => setting.Name).Order(StringComparer.Ordinal));
        Assert.False(comparison.Verdicts[0].SameSettings);
        Assert.Contains("their data is the same", comparison.Verdicts[0].ToString(), StringComparison.Ordinal);

        var html = ComparisonPage.Html(comparison);
        var page = XDocument.Parse(html.Replace("<!doctype html>", "", StringComparison.Ordinal));
        Assert.Equal(["minutes", "step", "tokens"], page.Descendants("svg").Select(svg => svg.Attribute("data-axis")!.Value).Distinct().Order(StringComparer.Ordinal));
        Assert.All(page.Descendants("svg").Where(svg => svg.Attribute("aria-label")!.Value.StartsWith("Loss", StringComparison.Ordinal)), svg => Assert.Equal(2, svg.Descendants("polyline").Count()));
        Assert.DoesNotContain("http", html, StringComparison.OrdinalIgnoreCase);

        using var json = JsonDocument.Parse(ComparisonJson.Of(comparison));
        Assert.Equal("other", json.RootElement.GetProperty("runs")[1].GetProperty("name").GetString());
        Assert.False(json.RootElement.GetProperty("verdicts")[0].GetProperty("same_settings").GetBoolean());
        Assert.Equal(["1", "2"], json.RootElement.GetProperty("settings").EnumerateArray().Single(setting => setting.GetProperty("name").GetString() == "seed")
            .GetProperty("values").EnumerateArray().Select(value => value.GetString()));
    }

    [Fact]
    public void One_run_is_nothing_to_compare_and_equal_names_are_told_apart()
    {
        Train("one", threads: 1);
        Assert.Contains("at least two", Assert.Throws<InvalidDataException>(() => RunComparison.Of([Folder("one")])).Message, StringComparison.Ordinal);
        Assert.Equal(["one #1", "one #2"], RunComparison.Of([Folder("one"), Folder("one")]).Runs.Select(run => run.Name));
    }

    private RunFolder Folder(string name) => new(_corpus.Place(name));

    private void Train(string name, int threads, ulong seed = 1, double rate = 1e-2)
    {
        var options = new RunOptions
        {
            Out = _corpus.Place(name), Data = [_corpus.Shards], Context = 16, Batch = 4, Shards = 2, Steps = 6, Warmup = 1, LearningRate = rate, Seed = seed,
            EvaluateEvery = 3, EvaluationTokens = 64, Samples = ["the"],
        };
        var view = new SilentView();
        var config = PretrainStage.Configure(options, new ModelShape(Layers: 1, Hidden: 16, Heads: 2), _corpus.Tokenizer);
        new TrainingSession(Folder(name), view).Start(config, _corpus.Tokenizer.ToJson(), threads, view.Token);
    }

    private void CopyRun(string from, string to)
    {
        foreach (var file in Directory.EnumerateFiles(_corpus.Place(from), "*", SearchOption.AllDirectories))
        {
            var target = Path.Combine(_corpus.Place(to), Path.GetRelativePath(_corpus.Place(from), file));
            Directory.CreateDirectory(Path.GetDirectoryName(target)!);
            File.Copy(file, target);
        }
    }
}
