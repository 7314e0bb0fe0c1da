using System.Text;

namespace Parley.Text.Jinja;

/// <summary>Joins marked texts; what it grows by is counted before it grows.</summary>
internal sealed class MarkedTextBuilder(Meter meter)
{
    private const int MarkSize = 8;

    private readonly StringBuilder _text = new();
    private readonly List<TextMark> _marks = [];

    public int Length => _text.Length;

    public MarkedTextBuilder Append(in MarkedText piece)
    {
        if (piece.MarkCount == 1)
            return Append(piece.Text, piece.Origin);
        meter.Text(piece.Length);
        var start = _text.Length;
        _text.Append(piece.Text);
        foreach (var mark in piece.Marks)
            Mark(start + mark.End, mark.Origin);
        return this;
    }

    public MarkedTextBuilder Append(ReadOnlySpan<char> text, TextOrigin origin)
    {
        meter.Text(text.Length);
        _text.Append(text);
        if (text.Length > 0)
            Mark(_text.Length, origin);
        return this;
    }

    public MarkedText ToText() => _marks.Count > 1
        ? new(_text.ToString(), [.. _marks])
        : new(_text.ToString(), _marks.Count == 1 ? _marks[0].Origin : TextOrigin.Template);

    private void Mark(int end, TextOrigin origin)
    {
        if (_marks.Count > 0 && _marks[^1].Origin == origin)
        {
            _marks[^1] = new(end, origin);
            return;
        }

        meter.Text(MarkSize);
        _marks.Add(new(end, origin));
    }
}
