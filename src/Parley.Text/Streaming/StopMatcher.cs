namespace Parley.Text;

/// <summary>
/// Text in pieces in, the text that may be sent out. Text that could still become a stop string is held back; at the
/// first stop string to be complete (the longest of those that end there) the text ends just before it. The outcome
/// depends on the text alone, never on how it was cut into pieces. One instance per stream.
/// </summary>
public sealed class StopMatcher
{
    private readonly string[] _stops;
    private string _held = "";

    /// <exception cref="ArgumentException">A stop string is empty.</exception>
    public StopMatcher(IEnumerable<string> stops)
    {
        _stops = [.. stops];
        if (_stops.Any(string.IsNullOrEmpty))
            throw new ArgumentException("A stop string is empty; leave it out.", nameof(stops));
    }

    /// <summary>The stop string that ended the text; null while none has.</summary>
    public string? Matched { get; private set; }

    public bool Stopped => Matched is not null;

    /// <summary>Takes a piece and returns what is safe to send; nothing after a stop.</summary>
    public string Push(string piece)
    {
        if (Stopped)
            return "";
        if (_stops.Length == 0)
            return piece;

        var text = _held.Length == 0 ? piece : _held + piece;
        var start = FindStop(text);
        var safe = start >= 0 ? start : text.Length - Unsettled(text);
        _held = start >= 0 ? "" : text[safe..];
        return text[..safe];
    }

    /// <summary>The stream is over: what was held back and turned out not to be a stop string.</summary>
    public string Flush()
    {
        var rest = _held;
        _held = "";
        return rest;
    }

    private int FindStop(string text)
    {
        var (start, end) = (-1, int.MaxValue);
        foreach (var stop in _stops)
        {
            var at = text.IndexOf(stop, StringComparison.Ordinal);
            if (at < 0 || at + stop.Length > end || (at + stop.Length == end && at >= start))
                continue;
            (start, end, Matched) = (at, at + stop.Length, stop);
        }

        return start;
    }

    // The length of the longest end of the text that begins some stop string.
    private int Unsettled(string text)
    {
        var longest = 0;
        foreach (var stop in _stops)
        {
            for (var length = Math.Min(stop.Length - 1, text.Length); length > longest; length--)
            {
                if (!text.AsSpan(text.Length - length).SequenceEqual(stop.AsSpan(0, length)))
                    continue;
                longest = length;
                break;
            }
        }

        return longest;
    }
}
