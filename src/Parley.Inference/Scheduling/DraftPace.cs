namespace Parley.Inference;

/// <summary>
/// How many tokens of one sequence are worth guessing: more after each guess that came true, fewer after each that did not, and none for a
/// while, each time twice as long, when several in a row were all wrong. It counts steps, not time, so a run can be repeated.
/// </summary>
internal sealed class DraftPace
{
    private const int Start = 4;
    private const int MissesAllowed = 3;
    private const int ShortestPause = 16;
    private const int LongestPause = 1024;

    private int _length = Start;
    private int _misses;
    private int _pause;
    private int _nextPause = ShortestPause;

    /// <summary>Tokens to guess in this step, at most <paramref name="most"/>; asked once a step.</summary>
    public int Next(int most)
    {
        if (_pause > 0)
        {
            _pause--;
            return 0;
        }

        return Math.Min(_length, most);
    }

    /// <summary>What became of a guess.</summary>
    public void Learn(int drafted, int accepted)
    {
        _length = accepted == drafted ? Math.Min(drafted * 2, EngineOptions.MostSpeculativeTokens) : Math.Max(1, accepted + 1);
        if (accepted > 0)
        {
            (_misses, _nextPause) = (0, ShortestPause);
        }
        else if (++_misses >= MissesAllowed)
        {
            (_misses, _pause) = (0, _nextPause);
            _nextPause = Math.Min(_nextPause * 2, LongestPause);
        }
    }
}
