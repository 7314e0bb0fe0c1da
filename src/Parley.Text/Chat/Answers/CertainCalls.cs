namespace Parley.Text;

/// <summary>
/// Reads what stands behind the mark of a call where a grammar has written it, so that it can be nothing else: the name is given out as soon as it is
/// known, the arguments as they come. One instance per mark.
/// </summary>
internal sealed class CertainCalls(CallFormat format)
{
    private const string BeforeName = "{\"name\": \"";

    private readonly string _beforeArguments = $"\", \"{format.ArgumentsName}\": ";
    private Place _place;
    private JsonExtent _extent;

    private enum Place
    {
        Head,
        Arguments,
        Brace,
        Behind,
        Over,
    }

    /// <summary>The mark that closes them was read.</summary>
    public bool IsOver => _place == Place.Over;

    /// <summary>Takes what it can from the beginning of a text.</summary>
    /// <returns>How many characters that was; below 0: this is not what a grammar writes.</returns>
    public int Read(ReadOnlySpan<char> text, AnswerDelta delta)
    {
        var at = 0;
        while (at < text.Length && _place != Place.Over)
        {
            var read = _place switch
            {
                Place.Head => ReadHead(text[at..], delta),
                Place.Arguments => ReadArguments(text[at..], delta),
                Place.Brace => ReadBrace(text[at], delta),
                _ => ReadBehind(text[at..]),
            };
            if (read <= 0)
            {
                return read < 0 ? read : at;
            }

            at += read;
        }

        return at;
    }

    /// <summary>Nothing more comes, or a control token closes them.</summary>
    public void Finish(AnswerDelta delta)
    {
        if (_place == Place.Brace)
        {
            delta.AddCall(new(null, "", IsLast: true));
        }

        _place = Place.Over;
    }

    private int ReadHead(ReadOnlySpan<char> text, AnswerDelta delta)
    {
        var skipped = text.Length - text.TrimStart(" \n\r\t[").Length;
        var head = text[skipped..];
        var common = Math.Min(head.Length, BeforeName.Length);
        if (!head[..common].SequenceEqual(BeforeName.AsSpan(0, common)))
        {
            return -1;
        }

        var name = head[common..];
        var end = name.IndexOf('"');
        if (end < 0 || name.Length < end + _beforeArguments.Length)
        {
            return skipped;
        }

        if (!name[end..].StartsWith(_beforeArguments, StringComparison.Ordinal))
        {
            return -1;
        }

        delta.AddCall(new(name[..end].ToString(), "", IsLast: false));
        (_place, _extent) = (Place.Arguments, default);
        return skipped + common + end + _beforeArguments.Length;
    }

    private int ReadArguments(ReadOnlySpan<char> text, AnswerDelta delta)
    {
        var length = 0;
        while (length < text.Length && _place == Place.Arguments)
        {
            _place = _extent.IsEnd(text[length++]) ? Place.Brace : Place.Arguments;
        }

        delta.AddCall(new(null, text[..length].ToString(), IsLast: false));
        return length;
    }

    private int ReadBrace(char letter, AnswerDelta delta)
    {
        if (letter != '}')
        {
            return -1;
        }

        delta.AddCall(new(null, "", IsLast: true));
        _place = Place.Behind;
        return 1;
    }

    // What stands between calls, or behind the last one.
    private int ReadBehind(ReadOnlySpan<char> text)
    {
        var space = text.Length - text.TrimStart(" \n\r\t").Length;
        if (space > 0)
        {
            return space;
        }

        if (format.Close is { } close)
        {
            _place = text.StartsWith(close, StringComparison.Ordinal) ? Place.Over : Place.Behind;
            return IsOver ? close.Length : close.AsSpan().StartsWith(text, StringComparison.Ordinal) ? 0 : -1;
        }

        _place = text[0] is ',' or ';' ? Place.Head : text[0] == ']' ? Place.Over : Place.Behind;
        return _place == Place.Behind ? -1 : 1;
    }
}
