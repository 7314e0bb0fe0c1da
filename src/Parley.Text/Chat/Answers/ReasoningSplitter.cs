namespace Parley.Text;

/// <summary>
/// Takes thoughts between think marks off the beginning of an answer, however the text was cut. Marks anywhere else are words. Line breaks around
/// thoughts and before the first word are layout and dropped. One instance per stream.
/// </summary>
/// <param name="isOpen">The prompt opened the thoughts already, so the answer begins inside of them.</param>
internal sealed class ReasoningSplitter(bool isOpen)
{
    private const string Open = ReasoningMarks.Open;
    private const string Close = ReasoningMarks.Close;

    private Place _place = isOpen ? Place.Thoughts : Place.Start;
    private string _held = "";
    private bool _thought; // something was, so line breaks that come next stand between thoughts

    private enum Place
    {
        Start,
        Thoughts,
        Gap,
        Words,
    }

    /// <summary>The next token is thought, as far as one can tell.</summary>
    public bool IsThinking => _place == Place.Thoughts;

    /// <summary>Whether a control token of this name would be a mark here.</summary>
    public bool Wants(string mark) => mark == (IsThinking ? Close : Open) && _place is Place.Start or Place.Thoughts;

    /// <summary>How many characters wait for what comes next.</summary>
    public int Held => _held.Length;

    /// <summary>Adds thoughts to the delta and returns the words.</summary>
    public string Push(string text, AnswerDelta delta)
    {
        _held += text;
        while (true)
        {
            var before = _place;
            switch (before)
            {
                case Place.Start:
                    Begin();
                    break;
                case Place.Thoughts:
                    Think(delta);
                    break;
                case Place.Gap:
                    SkipGap();
                    break;
                default:
                    return TakeHeld();
            }

            if (_place == before)
            {
                return "";
            }
        }
    }

    /// <summary>The answer is over: thoughts that were not closed stay thoughts.</summary>
    public string Flush(AnswerDelta delta)
    {
        var rest = TakeHeld();
        if (_place != Place.Thoughts)
        {
            return _place == Place.Gap ? "" : rest;
        }

        delta.AddReasoning(Trimmed(rest.AsSpan().TrimEnd('\n')));
        return "";
    }

    private void Begin()
    {
        var text = _held.AsSpan().TrimStart();
        if (text.StartsWith(Open, StringComparison.Ordinal))
        {
            _held = text[Open.Length..].ToString();
            _place = Place.Thoughts;
        }
        else if (!Open.AsSpan().StartsWith(text, StringComparison.Ordinal))
        {
            _place = Place.Words;
        }
    }

    private void Think(AnswerDelta delta)
    {
        var close = _held.IndexOf(Close, StringComparison.Ordinal);
        if (close >= 0)
        {
            delta.AddReasoning(Trimmed(_held.AsSpan(0, close).TrimEnd('\n')));
            _held = _held[(close + Close.Length)..];
            _place = Place.Gap;
            return;
        }

        // Held back: what may become the mark, and line breaks that may stand before it.
        var safe = _held.AsSpan(0, _held.Length - Unsettled(_held)).TrimEnd('\n').Length;
        delta.AddReasoning(Trimmed(_held.AsSpan(0, safe)));
        _held = _held[safe..];
    }

    private void SkipGap()
    {
        _held = _held.TrimStart('\n');
        if (_held.Length > 0)
        {
            _place = Place.Words;
        }
    }

    private ReadOnlySpan<char> Trimmed(ReadOnlySpan<char> thoughts)
    {
        var text = _thought ? thoughts : thoughts.TrimStart('\n');
        _thought |= !text.IsEmpty;
        return text;
    }

    private string TakeHeld()
    {
        var held = _held;
        _held = "";
        return held;
    }

    private static int Unsettled(string text)
    {
        for (var length = Math.Min(Close.Length - 1, text.Length); length > 0; length--)
        {
            if (Close.AsSpan(0, length).SequenceEqual(text.AsSpan(text.Length - length)))
            {
                return length;
            }
        }

        return 0;
    }
}
