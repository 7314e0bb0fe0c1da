namespace Parley.Text;

/// <summary>What a piece of an answer adds to it: words to show, thoughts, calls.</summary>
public sealed class AnswerDelta
{
    private List<CallPiece>? _calls;

    public string Content { get; private set; } = "";

    public string Reasoning { get; private set; } = "";

    /// <summary>Pieces of calls: of certain ones as they come, of others all at once when they are whole.</summary>
    public IReadOnlyList<CallPiece> Calls => _calls ?? [];

    internal void AddContent(string text) => Content += text;

    internal void AddReasoning(ReadOnlySpan<char> text) => Reasoning = string.Concat(Reasoning, text);

    internal void AddCall(CallPiece piece) => (_calls ??= []).Add(piece);
}
