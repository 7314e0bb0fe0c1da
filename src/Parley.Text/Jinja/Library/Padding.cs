namespace Parley.Text.Jinja;

/// <summary>Text made as wide as asked, counted in code points.</summary>
internal static class Padding
{
    /// <param name="before">The share of the padding that stands before the text.</param>
    public static JinjaValue Pad(in MarkedText text, Arguments arguments, Meter meter, double before)
    {
        var bound = arguments.Bind("width", "fillchar");
        var fill = bound[1] is null ? new MarkedText(" ", TextOrigin.Template) : arguments.Text(bound[1], "fillchar");
        if (CodePoints.Count(fill.Text) != 1)
            throw new JinjaFault($"'fillchar' of {arguments.Function} must be one character");
        return Pad(text, arguments.Count(bound[0] ?? throw arguments.Missing("width"), "width", 0), fill, before, meter);
    }

    public static MarkedText Pad(in MarkedText text, int width, in MarkedText fill, double before, Meter meter)
    {
        var missing = Math.Max(0, width - CodePoints.Count(text.Text));
        // Python puts the odd one before the text when the width is odd.
        var first = before is > 0 and < 1 ? (missing / 2) + (missing & width & 1) : (int)(missing * before);
        var output = new MarkedTextBuilder(meter);
        meter.Step(missing);
        for (var i = 0; i < first; i++)
            output.Append(fill);
        output.Append(text);
        for (var i = first; i < missing; i++)
            output.Append(fill);
        return output.ToText();
    }

    public static MarkedText Zeros(in MarkedText text, int width, Meter meter)
    {
        var sign = text.Text.StartsWith('-') || text.Text.StartsWith('+') ? 1 : 0;
        var digits = Pad(text.Slice(sign, text.Length - sign), width - sign, new("0", TextOrigin.Template), 1, meter);
        return new MarkedTextBuilder(meter).Append(text.Slice(0, sign)).Append(digits).ToText();
    }
}
