using Parley.Training;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace Parley.Host.Watching;

/// <summary>
/// Progress on a terminal: a few lines that are drawn again in place, sentences scroll above them. Drawn at most ten times a second, and twice a
/// second while nothing happens, so that the clocks go on.
/// </summary>
internal sealed class TrainLiveView : ITrainingView, IDisposable
{
    private static readonly TimeSpan Shortest = TimeSpan.FromMilliseconds(100), Longest = TimeSpan.FromMilliseconds(500);

    /// <summary>Columns left free: a "^C" that the terminal writes behind a full line would go to the next, and all after it would be off by one.</summary>
    private const int Echo = 3;

    // The console has locks of its own, taken in another order by a redraw than by a sentence: one at a time.
    private readonly Lock _lock = new();
    private readonly IAnsiConsole _console;
    private readonly LiveDisplayContext _display;
    private readonly TimeProvider _time;
    private readonly ITimer _timer;
    private readonly Sparkline _losses = new();
    private TrainingProgress? _newest;
    private long _came;
    private long _drawn;
    private bool _ended;

    private TrainLiveView(IAnsiConsole console, LiveDisplayContext display, TimeProvider time)
    {
        (_console, _display, _time) = (console, display, time);
        _timer = time.CreateTimer(_ => Tick(), null, Longest, Longest);
    }

    /// <summary>Runs something with this view; the last state stays on the screen.</summary>
    public static void Run(IAnsiConsole console, TimeProvider time, Action<ITrainingView> body) =>
        console.Live(new Markup(" ")).AutoClear(false).Start(display =>
        {
            using var view = new TrainLiveView(console, display, time);
            body(view);
        });

    public void Say(string line)
    {
        lock (_lock) _console.Write(new Sentence(line));
    }

    public void Show(TrainingProgress progress)
    {
        lock (_lock)
        {
            if (progress.Loss is { } loss && progress.Step != _newest?.Step) _losses.Add(loss);
            (_newest, _came) = (progress, _time.GetTimestamp());
            if (_time.GetElapsedTime(_drawn) >= Shortest) Draw();
        }
    }

    public void Dispose()
    {
        _timer.Dispose();
        lock (_lock)
        {
            if (_newest is not null) Draw();
            _ended = true;
        }
    }

    private void Tick()
    {
        lock (_lock)
        {
            if (!_ended && _newest is not null && _time.GetElapsedTime(_drawn) >= Longest) Draw();
        }
    }

    private void Draw()
    {
        _drawn = _time.GetTimestamp();
        var screen = new TrainScreen(_console.Profile.Width - Echo, _console.Profile.Capabilities.Unicode);
        _display.UpdateTarget(screen.Draw(_newest!, _losses, _time.GetElapsedTime(_came), _time.GetLocalNow()));
    }

    /// <summary>A sentence where the lines of the state stood: erased first, or what they had more of would stay beside it.</summary>
    private sealed class Sentence(string text) : IRenderable
    {
        private const string EraseBelow = "\u001b[J";

        public Measurement Measure(RenderOptions options, int maxWidth) => new(1, maxWidth);

        public IEnumerable<Segment> Render(RenderOptions options, int maxWidth) => 
        [
            Segment.Control(options.Ansi ? EraseBelow : ""),
            .. ((IRenderable)new Markup(Markup.Escape(text))).Render(options, maxWidth),
            Segment.LineBreak,
        ];
    }
}
