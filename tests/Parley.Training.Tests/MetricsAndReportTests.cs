using System.Globalization;
using System.Text.Json;
using System.Xml.Linq;
using Parley.Testing;
using Parley.Training.Reports;
using Parley.Training.Runs;

namespace Parley.Training.Tests;

/// <summary>
/// metrics.jsonl survives torn lines and resumes; the report made from it is one well-formed page that needs nothing else.
/// </summary>
public sealed class MetricsAndReportTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_resumed_log_drops_the_steps_that_will_be_done_again()
    {
        var path = _folder.File("metrics.jsonl");
        using (var log = new MetricsLog(path, 0))
        {
            for (var step = 1; step <= 5; step++) log.Append(new MetricsEntry { Kind = "step", Step = step, Loss = step });
        }

        File.AppendAllText(path, "{\"kind\":\"st");
        using (var log = new MetricsLog(path, 3)) log.Append(new MetricsEntry { Kind = "step", Step = 4, Loss = 40 });
        Assert.Equal([1, 2, 3, 40], MetricsLog.Read(path).Select(entry => entry.Loss));
    }

    [Fact]
    public void The_report_is_well_formed_and_self_contained()
    {
        var html = Report.Html(WriteRun());
        var page = XDocument.Parse(html.Replace("<!doctype html>", "", StringComparison.Ordinal));
        Assert.Equal(5, page.Descendants("svg").Count());
        Assert.All(page.Descendants("polyline"), line => Assert.True(JsonDocument.Parse(line.Attribute("data-points")!.Value).RootElement.GetArrayLength() > 0));
        Assert.Contains("<b>& \"so on\"", page.Descendants("td").Select(cell => cell.Value));
        Assert.DoesNotContain("http", html, StringComparison.OrdinalIgnoreCase);
        Assert.Contains("prefers-color-scheme: dark", html, StringComparison.Ordinal);
    }

    [Fact]
    public void The_report_tells_memory_waits_and_sessions_and_sets_samples_side_by_side()
    {
        var run = WriteRun();
        using (var log = new MetricsLog(run.MetricsFile, 1000))
        {
            log.Append(new MetricsEntry { Kind = "session", Step = 1000, Session = new SessionFacts { Run = "run", Stage = "pretrain", Threads = 3, Kernels = "Scalar", PeakGigaFlops = 2, OperationsPerToken = 1e6 } });
            log.Append(new MetricsEntry { Kind = "step", Step = 1001, MemoryMegabytes = 321, DataSeconds = 0.001, TokensPerSecond = 1000 });
            log.Append(new MetricsEntry { Kind = "checkpoint", Step = 1001, StallSeconds = 0.01, StallShare = 0.02 });
        }

        var page = XDocument.Parse(Report.Html(run).Replace("<!doctype html>", "", StringComparison.Ordinal));
        Assert.Equal(8, page.Descendants("svg").Count());
        var facts = page.Descendants("dd").Select(fact => fact.Value).ToArray();
        Assert.Contains("321 MB", facts);
        Assert.Contains("2.0% of a step", facts);
        Assert.Contains("50%", facts);
        var samples = page.Descendants("table").Single(table => table.Attribute("class")?.Value == "samples");
        Assert.Equal((10, 10), (samples.Element("thead")!.Descendants("th").Count(), samples.Descendants("td").Count()));
        Assert.Contains(page.Descendants("td"), cell => cell.Value == "Scalar");
    }

    [Fact]
    public void Curves_stay_inside_their_chart_even_when_the_first_steps_are_wild()
    {
        var page = XDocument.Parse(Report.Html(WriteRun()).Replace("<!doctype html>", "", StringComparison.Ordinal));
        var points = page.Descendants("polyline").SelectMany(line => line.Attribute("points")!.Value.Split(' ')).Select(point => point.Split(','));
        Assert.All(points, point =>
        {
            Assert.InRange(double.Parse(point[0], CultureInfo.InvariantCulture), 57.9, 706.1);
            Assert.InRange(double.Parse(point[1], CultureInfo.InvariantCulture), 11.9, 230.1);
        });
    }

    [Fact]
    public void A_curve_of_few_points_shows_them_all()
    {
        var svg = Chart.Svg("few", [new Series("few", "first", [(0, 3), (1, 2), (2, 1)])]);
        var line = XDocument.Parse(svg).Descendants("polyline").Single().Attribute("points")!.Value;
        Assert.Equal(3, line.Split(' ').Select(point => point.Split(',')[1]).Distinct().Count());
    }

    [Fact]
    public void A_run_that_measured_nothing_says_so()
    {
        var run = WriteRun();
        File.Delete(run.MetricsFile);
        Assert.Contains("no measurements", Assert.Throws<InvalidDataException>(() => Report.Html(run)).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0, 1, "0")]
    [InlineData(0, 0.0007, "2e-4")]
    [InlineData(0, 2_500_000, "2.5M")]
    [InlineData(3, 3, "3")]
    public void Axes_have_round_marks(double least, double most, string label)
    {
        var ticks = new Axis(least, most, 0, 100, 6).Ticks().ToArray();
        Assert.InRange(ticks.Length, 2, 8);
        Assert.Contains(label, ticks.Select(tick => tick.Label));
    }

    private RunFolder WriteRun()
    {
        var run = new RunFolder(_folder.File("run"));
        run.WriteConfig(new RunConfig
        {
            Stage = "pretrain", Data = ["data"], Model = JsonDocument.Parse("{}").RootElement, TokenizerHash = "0", Seed = 1, Context = 8, Batch = 8, Shards = 8,
            Steps = 1000, LearningRate = 1e-3, Warmup = 10,
        });
        using var log = new MetricsLog(run.MetricsFile, 0);
        for (var step = 1; step <= 1000; step++)
        {
            log.Append(new MetricsEntry
            {
                Kind = "step", Step = step, Tokens = step * 64, Seconds = step, Loss = step < 4 ? 1e6 : 5 + (1.0 / step), LearningRate = 1e-3, GradientNorm = 0.1, TokensPerSecond = 1000,
            });
            if (step % 100 == 0) log.Append(new MetricsEntry { Kind = "evaluation", Step = step, BitsPerByte = 3, HeldLoss = 5, Samples = [new Sample("The", "<b>& \"so on\"")] });
        }

        return run;
    }
}
