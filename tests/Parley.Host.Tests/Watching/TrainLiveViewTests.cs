using Parley.Host.Watching;
using Parley.Training;
using Parley.Training.Runs;
using Spectre.Console;

namespace Parley.Host.Tests.Watching;

/// <summary>What reaches the terminal: sentences erase the state they take the place of, nothing fills the last columns, and the cursor comes back.</summary>
public sealed class TrainLiveViewTests
{
    private const string EraseBelow = "\e[J", ShowCursor = "\e[?25h";

    [Fact]
    public void Sentences_before_the_first_state_and_states_between_them_are_drawn()
    {
        var text = Run(view =>
        {
            view.Say("reading the data");
            view.Show(Progress);
            view.Say("a [sentence] " + string.Join(' ', Enumerable.Repeat("long", 30)));
        });
        Assert.Contains($"{EraseBelow}reading the data", text, StringComparison.Ordinal);
        Assert.Contains($"{EraseBelow}a [sentence] long", text, StringComparison.Ordinal);
        Assert.Contains("step 5 of 10", text, StringComparison.Ordinal);
        Assert.EndsWith(ShowCursor, text.TrimEnd(), StringComparison.Ordinal);
        Assert.All(text.Split('\n'), line => Assert.DoesNotContain("\e[31m", line, StringComparison.Ordinal));
    }

    [Fact]
    public void The_cursor_comes_back_after_a_failure()
    {
        var output = new StringWriter();
        Assert.Throws<InvalidDataException>(() => TrainLiveView.Run(Terminal(output), TimeProvider.System, view =>
        {
            view.Show(Progress);
            throw new InvalidDataException("no data");
        }));
        Assert.EndsWith(ShowCursor, output.ToString().TrimEnd(), StringComparison.Ordinal);
    }

    private static TrainingProgress Progress { get; } = new() { Session = new SessionFacts { Run = "run", Stage = "pretrain" }, Step = 5, Steps = 10, Loss = 2 };

    private static string Run(Action<ITrainingView> body)
    {
        var output = new StringWriter();
        TrainLiveView.Run(Terminal(output), TimeProvider.System, body);
        return output.ToString();
    }

    private static IAnsiConsole Terminal(TextWriter output)
    {
        var console = AnsiConsole.Create(new AnsiConsoleSettings
        {
            Ansi = AnsiSupport.Yes, ColorSystem = ColorSystemSupport.NoColors, Interactive = InteractionSupport.Yes, Out = new AnsiConsoleOutput(output),
        });
        console.Profile.Width = 80;
        return console;
    }
}
