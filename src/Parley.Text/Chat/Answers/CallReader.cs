namespace Parley.Text;

/// <summary>
/// Tells calls from words. What may become a call is held back until it is one, whole and of a declared function, or turns out to be words and is given out
/// as such. The outcome depends on the text alone, never on how it was cut. One instance per stream.
/// </summary>
/// <param name="declared">The functions there are.</param>
/// <param name="certainty">Whether what begins as a call may still be words.</param>
/// <param name="isOpen">The prompt opened a call already.</param>
internal sealed class CallReader(CallFormat format, IReadOnlySet<string> declared, CallCertainty certainty, bool isOpen)
{
    private CertainCalls? _certain = isOpen && certainty != CallCertainty.Open ? new(format) : null;
    private string _held = "";
    private string _opening = ""; // as it was written; empty for a control token
    private bool _inCall = isOpen;
    private bool _atStart = true;
    private bool _afterCall;
    private JsonExtent _extent;

    public int Held => _opening.Length + _held.Length;

    /// <summary>The answer ended in a call whose name was not known yet: nothing of it is shown.</summary>
    public bool IsCut { get; private set; }

    /// <summary>Whether a control token of this name is a mark of calls.</summary>
    public bool Wants(string mark) => mark == format.Open || mark == format.Close;

    public void Push(string text, AnswerDelta delta)
    {
        _held += text;
        while (_held.Length > 0 && (_inCall ? ReadCall(delta, over: false) : ReadWords(delta)))
        {
        }
    }

    /// <summary>A control token that is a mark: it opens or closes a call and is never words.</summary>
    public void PushMark(string mark, AnswerDelta delta)
    {
        if (mark == format.Open)
        {
            Flush(delta);
            Enter("");
        }
        else if (_inCall)
        {
            Settle(delta);
        }
    }

    /// <summary>Nothing follows: what is held back is a call, if it only lacks the closing mark, or words.</summary>
    public void Flush(AnswerDelta delta)
    {
        IsCut = _certain is not null || (certainty == CallCertainty.Forced && _held.Length > 0);
        if (IsCut)
        {
            (_held, _opening) = ("", "");
        }

        while (_inCall || _held.Length > 0)
        {
            if (_inCall)
            {
                Settle(delta);
            }
            else if (!ReadWords(delta))
            {
                Say(_afterCall && string.IsNullOrWhiteSpace(_held) ? 0 : _held.Length, delta);
                _held = "";
            }
        }
    }

    private void Settle(AnswerDelta delta)
    {
        if (_certain is not null)
        {
            ReadCertain(delta);
            _certain?.Finish(delta);
            Leave();
            return;
        }

        if (!ReadCall(delta, over: true))
        {
            GiveUp(delta);
        }
    }

    /// <summary>False when it must wait for more.</summary>
    private bool ReadWords(AnswerDelta delta)
    {
        var start = _held.AsSpan().TrimStart(_afterCall ? " \n\r\t;," : " \n\r\t").Length;
        if (start == 0 && (_atStart || _afterCall))
        {
            return false;
        }

        var mayBeBare = (format.Open is null || format.OpenIsOptional) && (_atStart || _afterCall);
        if (mayBeBare && _held[^start] is '{' or '[')
        {
            _opening = _held[..^start];
            _held = _held[^start..];
            Enter(_afterCall ? "" : _opening);
            return true;
        }

        return format.Open is { } open ? FindOpen(open, start, delta) : SayAll(delta);
    }

    private bool FindOpen(string open, int start, AnswerDelta delta)
    {
        var at = _held.IndexOf(open, StringComparison.Ordinal);
        var isBorder = _atStart || _afterCall;
        if (at >= 0)
        {
            var words = at <= _held.Length - start && isBorder ? 0 : at;
            delta.AddContent(_held[..words]);
            var opening = _held[(_afterCall ? at : words)..(at + open.Length)]; // with the space before it, should it turn out to be words
            _held = _held[(at + open.Length)..];
            Enter(opening);
            return true;
        }

        var unsettled = Math.Min(Unsettled(open), _held.Length);
        if (unsettled >= start && isBorder)
        {
            return false; // the space around calls is no words
        }

        Say(_held.Length - unsettled, delta);
        return false;
    }

    private bool SayAll(AnswerDelta delta)
    {
        Say(_held.Length, delta);
        return false;
    }

    private void Say(int length, AnswerDelta delta)
    {
        delta.AddContent(_held[..length]);
        _held = _held[length..];
        if (length > 0)
        {
            (_atStart, _afterCall) = (false, false);
        }
    }

    private void Enter(string opening)
    {
        (_inCall, _opening, _extent) = (true, opening, default);
        _certain = certainty == CallCertainty.Open ? null : new(format);
    }

    private void Leave() => (_inCall, _opening, _atStart, _afterCall, _certain) = (false, "", false, true, null);

    /// <summary>False when it must wait for more.</summary>
    private bool ReadCertain(AnswerDelta delta)
    {
        var length = _certain!.Read(_held, delta);
        if (length < 0)
        {
            _certain = null; // no grammar wrote this
            return true;
        }

        _held = _held[length..];
        _opening = length > 0 ? "" : _opening;
        if (_certain.IsOver)
        {
            Leave();
            return true;
        }

        return false;
    }

    /// <summary>False when it must wait for more, or, when nothing more comes, when this is no call.</summary>
    private bool ReadCall(AnswerDelta delta, bool over)
    {
        if (_certain is not null)
        {
            return ReadCertain(delta);
        }

        var body = _held.TrimStart();
        if (body.Length == 0)
        {
            return false;
        }

        var indent = _held.Length - body.Length;
        if (body[0] is not ('{' or '['))
        {
            return GiveUp(delta);
        }

        if (_extent.Find(body) is not { } length)
        {
            return false;
        }

        var close = CloseAfter(indent + length, over);
        if (close is null)
        {
            _extent = default;
            return false;
        }

        if (close < 0 || CallSyntax.Parse(body[..length], declared) is not { } calls)
        {
            return GiveUp(delta);
        }

        foreach (var call in calls)
        {
            delta.AddCall(call);
        }

        _held = _held[close.Value..];
        Leave();
        return true;
    }

    // Where the call ends with its mark: null when that cannot be told yet, -1 when something else stands there.
    private int? CloseAfter(int end, bool over)
    {
        if (format.Close is not { } close)
        {
            return end;
        }

        var rest = _held.AsSpan(end).TrimStart();
        var at = _held.Length - rest.Length;
        if (rest.StartsWith(close, StringComparison.Ordinal))
        {
            return at + close.Length;
        }

        return !close.AsSpan().StartsWith(rest, StringComparison.Ordinal) ? -1
            : over && rest.IsEmpty ? at
            : over ? -1
            : null;
    }

    /// <summary>It was no call: its opening is words, and what follows is looked at again.</summary>
    private bool GiveUp(AnswerDelta delta)
    {
        delta.AddContent(_opening);
        (_inCall, _opening, _atStart, _afterCall) = (false, "", false, false);
        return true;
    }

    private int Unsettled(string mark)
    {
        for (var length = Math.Min(mark.Length - 1, _held.Length); length > 0; length--)
        {
            if (_held.AsSpan(_held.Length - length).SequenceEqual(mark.AsSpan(0, length)))
            {
                return length;
            }
        }

        return 0;
    }
}
