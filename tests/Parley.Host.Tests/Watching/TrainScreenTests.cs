using Parley.Host.Watching;
using Parley.Training;
using Parley.Training.Runs;
using Spectre.Console;

namespace Parley.Host.Tests.Watching;

/// <summary>The screen of a run fits the terminal at any width, leaves out from the right, and tells what there is to tell.</summary>
public sealed class TrainScreenTests
{
    private static readonly DateTimeOffset Now = new(2026, 1, 2, 15, 0, 0, TimeSpan.Zero);

    [Fact]
    public void Everything_stands_on_eighty_columns()
    {
        var text = string.Join('\n', Lines(Progress, 77));
        string[] told =
        [
            "pretrain shakespeare   10.8M parameters, 2 threads", "step 1,240 of 2,000", "62%", "loss      2.0134", "learning rate 8.20e-4   gradient norm 0.42",
            "4,012 tokens/s   71% of peak, 215 GFLOP/s fp32   data wait 0.1%", "2:01 gone   1:29 left   ends 15:01   952,320 tokens",
            "812 MB   at most 1,024 MB", "2.7101 bits/byte at step 1,200   best 2.6998   loss 1.8800", "step 1,200, 0:11 ago   stalled a step by 1.2%",
        ];
        Assert.All(told, piece => Assert.Contains(piece, text, StringComparison.Ordinal));
    }

    [Fact]
    public void No_line_is_wider_than_the_terminal()
    {
        for (var width = 20; width <= 200; width++)
        {
            var lines = Lines(Progress with { Session = Progress.Session with { Run = new string('x', 60) } }, width).ToArray();
            Assert.Equal(9, lines.Length);
            Assert.All(lines, line => Assert.InRange(line.Length, 0, width));
        }
    }

    [Fact]
    public void Before_the_first_step_and_without_a_known_end_it_says_so()
    {
        var text = string.Join('\n', Lines(new TrainingProgress { Session = SessionFacts.Unknown, Step = 0, Steps = 0 }, 77));
        foreach (var piece in new[] { "reading", "? left", "not evaluated yet", "no checkpoint yet" }) Assert.Contains(piece, text, StringComparison.Ordinal);
        Assert.DoesNotContain("of peak", text, StringComparison.Ordinal);
    }

    [Fact]
    public void A_name_is_text_and_no_markup()
    {
        var line = new TrainScreen(77, Unicode: true).Lines(Progress with { Session = Progress.Session with { Run = "[red]" } }, new Sparkline(), default, Now).First();
        Assert.StartsWith("pretrain [red]", Markup.Remove(line), StringComparison.Ordinal);
    }

    [Fact]
    public void Plain_lines_come_every_ten_seconds_and_at_the_end_once()
    {
        var time = new SteppedTime();
        using var output = new StringWriter();
        var view = new TrainPlainView(output, time);
        foreach (var (step, seconds) in new[] { (1, 0), (2, 4), (3, 5), (4, 6), (2000, 1), (2000, 1) })
        {
            time.Advance(TimeSpan.FromSeconds(seconds));
            view.Show(Progress with { Step = step });
        }

        var lines = output.ToString().TrimEnd().Split('\n');
        Assert.Equal(["step 1/2,000", "step 4/2,000", "step 2,000/2,000"], lines.Select(line => line[..line.IndexOf("  ", StringComparison.Ordinal)]));
        Assert.EndsWith("loss 2.013  lr 8.2e-4  4,012 tok/s (71% of peak)  812 MB  held-out 2.710 bits/byte  elapsed 1:50  left 1:40", lines[0].TrimEnd(), StringComparison.Ordinal);
    }

    [Fact]
    public void A_curve_keeps_its_shape_however_long_it_gets()
    {
        var curve = new Sparkline(most: 16);
        Assert.Equal("", curve.Text(10));
        for (var i = 0; i < 1000; i++) curve.Add(1000 - i);
        var text = curve.Text(8);
        Assert.Equal(8, text.Length);
        Assert.Equal(string.Concat(text.OrderDescending()), text);
        Assert.Equal(('█', '▁'), (text[0], text[^1]));
        curve.Add(double.NaN);
        Assert.Equal(text, curve.Text(8));
    }

    private static TrainingProgress Progress { get; } = new()
    {
        Session = new SessionFacts { Run = "shakespeare", Stage = "pretrain", Parameters = 10_800_000, Threads = 2, PeakGigaFlops = 215, OperationsPerToken = 0.71 * 215e9 / 4012 },
        Step = 1240, Steps = 2000, Tokens = 952_320, Loss = 2.0134, LearningRate = 8.2e-4, GradientNorm = 0.42, TokensPerSecond = 4012,
        Elapsed = TimeSpan.FromSeconds(110), Remaining = TimeSpan.FromSeconds(100), DataShare = 0.001, MemoryBytes = 812L << 20, PeakMemoryBytes = 1024L << 20,
        Evaluation = new(1200, 2.7101, 1.88, 2.6998, 3), Checkpoint = new(1200, TimeSpan.FromSeconds(110), 0.01, 0.012, 0.02),
    };

    private static IEnumerable<string> Lines(TrainingProgress progress, int width) =>
        new TrainScreen(width, Unicode: true).Lines(progress, new Sparkline(), TimeSpan.FromSeconds(11), Now).Select(Markup.Remove);

    private sealed class SteppedTime : TimeProvider
    {
        private long _ticks;

        public override long TimestampFrequency => TimeSpan.TicksPerSecond;

        public override long GetTimestamp() => _ticks;

        public void Advance(TimeSpan span) => _ticks += span.Ticks;
    }
}
