namespace Parley.Text.Jinja;

/// <summary>Text that knows of each character where it came from; cut and joined, it still knows.</summary>
public readonly struct MarkedText
{
    private readonly string? _text;
    private readonly TextMark[]? _marks; // ascending, neighbours differ; null: all of one origin
    private readonly TextOrigin _origin;

    public MarkedText(string text, TextOrigin origin) => (_text, _origin) = (text, origin);

    internal MarkedText(string text, TextMark[] marks) => (_text, _marks) = (text, marks);

    public string Text => _text ?? "";

    public int Length => Text.Length;

    /// <summary>The stretches of one origin, in order; none is empty.</summary>
    public IReadOnlyList<TextMark> Marks => _marks ?? (Length == 0 ? [] : [new(Length, _origin)]);

    /// <summary>That of the whole when there is one, else foreign.</summary>
    internal TextOrigin Origin => _marks is null ? _origin : TextOrigin.Foreign;

    internal int MarkCount => _marks?.Length ?? 1;

    public TextOrigin OriginAt(int index) => _marks is null ? _origin : _marks[MarkAt(index)].Origin;

    public override string ToString() => Text;

    internal MarkedText Slice(int start, int length)
    {
        if (start == 0 && length == Length)
            return this;
        var text = Text.Substring(start, length);
        if (_marks is null || length == 0)
            return new(text, _origin);

        var first = MarkAt(start);
        var last = MarkAt(start + length - 1);
        if (first == last)
            return new(text, _marks[first].Origin);
        var marks = _marks[first..(last + 1)];
        for (var i = 0; i < marks.Length; i++)
            marks[i] = marks[i] with { End = Math.Min(marks[i].End - start, length) };
        return new(text, marks);
    }

    /// <summary>Another text of the same length with the same origins.</summary>
    internal MarkedText With(string text) => _marks is null ? new(text, _origin) : new(text, _marks);

    internal MarkedText AsGeneration() => _marks is null
        ? new(Text, _origin with { IsGeneration = true })
        : new(Text, Array.ConvertAll(_marks, mark => mark with { Origin = mark.Origin with { IsGeneration = true } }));

    private int MarkAt(int index)
    {
        var (low, high) = (0, _marks!.Length - 1);
        while (low < high)
        {
            var middle = (low + high) / 2;
            (low, high) = _marks[middle].End > index ? (low, middle) : (middle + 1, high);
        }

        return low;
    }
}
