using System.Globalization;
using System.Text;
using Parley.Training;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace Parley.Host.Watching;

/// <summary>
/// The state of a run as a few lines of a terminal, as wide as it is: what does not fit is left out from the right. It draws; it knows neither
/// clock nor console.
/// </summary>
/// <param name="Width">Columns.</param>
/// <param name="Unicode">False draws without a curve and with ASCII.</param>
internal sealed record TrainScreen(int Width, bool Unicode)
{
    private const int LabelWidth = 10;
    private const string Gap = "   ";

    /// <param name="progress">The newest state.</param>
    /// <param name="losses">The curve behind the loss.</param>
    /// <param name="since">How long ago that state was new.</param>
    /// <param name="now">The time of day.</param>
    public IRenderable Draw(TrainingProgress progress, Sparkline losses, TimeSpan since, DateTimeOffset now) =>
        new Rows(Lines(progress, losses, since, now).Select(line => new Markup(line)));

    internal IEnumerable<string> Lines(TrainingProgress progress, Sparkline losses, TimeSpan since, DateTimeOffset now)
    {
        yield return Title(progress);
        yield return Bar(progress);
        yield return Loss(progress, losses);
        yield return Line("", $"learning rate {Number(progress.LearningRate, "0.00e+0")}", $"gradient norm {Number(progress.GradientNorm, "0.###")}");
        yield return Line("speed", $"{Number(progress.TokensPerSecond, "N0")} tokens/s", Peak(progress), $"data wait {Share(progress.DataShare)}");
        yield return Time(progress, since, now);
        yield return Line("memory", $"{Megabytes(progress.MemoryBytes)} MB", $"at most {Megabytes(progress.PeakMemoryBytes)} MB");
        yield return Line("held-out", HeldOut(progress));
        yield return Line("saved", Saved(progress, since));
    }

    private string Title(TrainingProgress progress)
    {
        var session = progress.Session;
        var steps = progress.Steps > 0 ? $" of {Number(progress.Steps, "N0")}" : "";
        var right = $"step {Number(progress.Step, "N0")}{steps}";
        var name = session.Stage.Length > 0 ? $"{session.Stage} {session.Run}" : "reading";
        var about = session.Parameters > 0 ? $"{Gap}{Size(session.Parameters)} parameters, {session.Threads} threads" : "";
        if (name.Length + about.Length + right.Length >= Width) about = "";
        if (name.Length + right.Length >= Width) name = name[..Math.Max(0, Width - right.Length - 2)];
        var space = new string(' ', Math.Max(1, Width - name.Length - about.Length - right.Length));
        return $"[bold]{Markup.Escape(name)}[/][grey]{Markup.Escape(about)}[/]{space}{right}";
    }

    private string Bar(TrainingProgress progress)
    {
        var share = progress.Steps > 0 ? Math.Clamp((double)progress.Step / progress.Steps, 0, 1) : 0;
        var cells = Math.Max(1, Width - 5);
        var full = (int)(share * cells);
        var (done, open) = Unicode ? ('━', '─') : ('#', '-');
        var percent = share.ToString("P0", CultureInfo.InvariantCulture).Replace(" ", "", StringComparison.Ordinal);
        return $"[blue]{new string(done, full)}[/][grey]{new string(open, cells - full)}[/]{percent,5}";
    }

    private string Loss(TrainingProgress progress, Sparkline losses)
    {
        var loss = Number(progress.Loss, "F4");
        var cells = Width - LabelWidth - loss.Length - Gap.Length;
        return $"[grey]{"loss",-LabelWidth}[/][bold]{loss}[/]{Gap}[blue]{(Unicode ? losses.Text(cells) : "")}[/]";
    }

    private string Time(TrainingProgress progress, TimeSpan since, DateTimeOffset now)
    {
        var left = progress.Remaining is { } remaining ? TimeSpan.FromTicks(Math.Max(0, (remaining - since).Ticks)) : (TimeSpan?)null;
        var format = left > TimeSpan.FromHours(20) ? "ddd HH:mm" : "HH:mm";
        var end = left is { } rest && progress.Step < progress.Steps ? $"ends {(now + rest).ToString(format, CultureInfo.InvariantCulture)}" : "";
        return Line(
            "time", $"{RunClock.Text(progress.Elapsed + since)} gone", $"{RunClock.Text(left)} left", end, $"{Number(progress.Tokens, "N0")} tokens");
    }

    private static string Peak(TrainingProgress progress) => progress is { PeakRatio: { } ratio, Session.PeakGigaFlops: { } peak }
        ? $"{Share(ratio)} of peak, {Number(peak, "N0")} GFLOP/s {progress.Session.Units}"
        : "";

    private static string[] HeldOut(TrainingProgress progress) => progress.Evaluation switch
    {
        null => ["not evaluated yet"],
        { BitsPerByte: { } bits } last =>
            [$"{Number(bits, "F4")} bits/byte at step {Number(last.Step, "N0")}", $"best {Number(last.Best, "F4")}", $"loss {Number(last.Loss, "F4")}"],
        { } last => [$"nothing to score; samples at step {Number(last.Step, "N0")}"],
    };

    private static string[] Saved(TrainingProgress progress, TimeSpan since) => progress.Checkpoint is not { } saved
        ? ["no checkpoint yet"]
        :
        [
            $"step {Number(saved.Step, "N0")}, {RunClock.Text(progress.Elapsed + since - saved.Elapsed)} ago",
            saved.StallShare is { } share ? $"stalled a step by {Share(share)}" : "",
        ];

    /// <summary>A label and what fits of the pieces.</summary>
    private string Line(string label, params IReadOnlyList<string> pieces)
    {
        var line = new StringBuilder();
        foreach (var piece in pieces.Where(piece => piece.Length > 0))
        {
            var gap = line.Length > 0 ? Gap : "";
            if (LabelWidth + line.Length + gap.Length + piece.Length > Width) break;
            line.Append(gap).Append(piece);
        }

        return $"[grey]{label.PadRight(LabelWidth)}[/]{Markup.Escape(line.ToString())}";
    }

    private static string Number(double? value, string format) => value?.ToString(format, CultureInfo.InvariantCulture) ?? "-";

    private static string Megabytes(long bytes) => Number(bytes >> 20, "N0");

    private static string Share(double share) => share.ToString(share < 0.0995 ? "0.0%" : "0%", CultureInfo.InvariantCulture);

    private static string Size(long parameters) => parameters switch
    {
        >= 1_000_000_000 => Number(parameters / 1e9, "0.##") + "B",
        >= 1_000_000 => Number(parameters / 1e6, "0.#") + "M",
        _ => Number(parameters / 1e3, "0.#") + "k",
    };
}
