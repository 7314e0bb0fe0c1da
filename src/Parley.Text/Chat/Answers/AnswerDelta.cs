namespace Parley.Text;

/// <summary>What a piece of an answer adds to it: words to show, thoughts, calls.</summary>
public sealed class AnswerDelta
{
    private List<CalledFunction>? _calls;

    public string Content { get; private set; } = "";

    public string Reasoning { get; private set; } = "";

    /// <summary>Calls that became complete.</summary>
    public IReadOnlyList<CalledFunction> Calls => _calls ?? [];

    internal void AddContent(string text) => Content += text;

    internal void AddReasoning(ReadOnlySpan<char> text) => Reasoning = string.Concat(Reasoning, text);

    internal void AddCall(CalledFunction call) => (_calls ??= []).Add(call);
}

/// <summary>A call as the model wrote it; the arguments are a JSON object.</summary>
public sealed record CalledFunction(string Name, string Arguments);
