using Parley.Protocol.Generation;
using Parley.Text;

namespace Parley.Inference;

/// <summary>What one token gave the reader of a choice: mostly some text, often nothing.</summary>
internal readonly record struct ChoiceDelta(string Text)
{
    public string Reasoning { get; init; } = "";

    public IReadOnlyList<CallPiece> Calls { get; init; } = [];

    /// <summary>Of the tokens whose text is shown by now; null: none.</summary>
    public IReadOnlyList<TokenLogProbability>? LogProbabilities { get; init; }

    public bool IsEmpty => Text.Length + Reasoning.Length + Calls.Count == 0 && LogProbabilities is null;
}
