using Parley.Protocol.Generation;

namespace Parley.Inference;

/// <summary>
/// Holds each token's log-probability back as long as its text is: what turns out to be a stop string, a thought or a call shows none. Tokens that
/// are parts of one character stay together.
/// </summary>
internal sealed class TokenTrail
{
    private readonly Queue<(TokenLogProbability Entry, long End)> _settling = new();
    private readonly List<TokenLogProbability> _halves = [];

    /// <param name="end">Where the answer's text ends with this token.</param>
    /// <param name="isText">False when the token completed no character.</param>
    public void Add(TokenLogProbability entry, long end, bool isText)
    {
        _halves.Add(entry);
        if (isText)
        {
            foreach (var half in _halves)
            {
                _settling.Enqueue((half, end));
            }

            _halves.Clear();
        }
    }

    /// <summary>Lets go of the tokens up to a place in the answer's text; null when there are none to show.</summary>
    public IReadOnlyList<TokenLogProbability>? Release(long settled, bool areShown)
    {
        List<TokenLogProbability>? released = null;
        while (_settling.TryPeek(out var first) && first.End <= settled)
        {
            (released ??= []).Add(_settling.Dequeue().Entry);
        }

        return areShown ? released : null;
    }

    /// <summary>As above at the end of the answer, with the parts of a character that was never completed.</summary>
    public IReadOnlyList<TokenLogProbability>? ReleaseAll(bool areShown)
    {
        TokenLogProbability[] rest = [.. Release(long.MaxValue, areShown) ?? [], .. areShown ? _halves : []];
        return rest.Length > 0 ? rest : null;
    }
}
