namespace Parley.Inference;

/// <summary>
/// The log-probabilities of one prompt's tokens, as far as they are known: filled chunk by chunk while the prompt is computed, and once only, also when
/// the sequence is preempted and computed again. The first token follows nothing and has none; a request may begin later still.
/// </summary>
internal sealed class PromptScores
{
    private readonly ReadOnlyMemory<int> _prompt;
    private readonly List<TokenScore> _scores;
    private readonly int _first;
    private bool _delivered;

    private PromptScores(ReadOnlyMemory<int> prompt, int first, int alternatives) =>
        (_prompt, _scores, _first, Alternatives) = (prompt, new(prompt.Length - first), first, alternatives);

    public int Alternatives { get; }

    public bool IsDone => Next == _prompt.Length;

    /// <summary>The position of the first token that is not scored yet; the row before it has the logits.</summary>
    public int Next => _scores.Count + _first;

    /// <summary>The token that stands at <see cref="Next"/>.</summary>
    public int NextToken => _prompt.Span[Next];

    /// <summary>Null when the request does not ask for them.</summary>
    public static PromptScores? For(EngineRequest request) =>
        request.PromptLogProbabilities is { } alternatives ? new(request.Prompt, request.PromptScoresFrom, alternatives) : null;

    /// <summary>How many rows of a chunk give scores, and the first of them.</summary>
    /// <param name="position">Of the chunk's first token.</param>
    /// <param name="count">Tokens in the chunk.</param>
    public (int First, int Count) RowsIn(int position, int count)
    {
        var first = Math.Max(Next - 1, position);
        var end = Math.Min(position + count, _prompt.Length - 1);
        return (first - position, Math.Max(0, end - first));
    }

    public void Add(in TokenScore score) => _scores.Add(score);

    /// <summary>All of them, once they are done and the first time they are asked for.</summary>
    public IReadOnlyList<TokenScore>? TakeWhenDone()
    {
        if (!IsDone || _delivered)
        {
            return null;
        }

        _delivered = true;
        return _scores;
    }
}
