namespace Parley.Text;

/// <summary>
/// What an error repeats of a file: a hostile one's own words may be a megabyte of control characters, and a message stays one readable line.
/// </summary>
internal static class ReadableLine
{
    private const int Longest = 1000;

    public static string Of(string text)
    {
        var shown = text.Length > Longest ? string.Concat(text.AsSpan(0, Longest), "...") : text;
        return shown.AsSpan().ContainsAnyInRange('\0', '\u001F') || shown.AsSpan().ContainsAnyInRange('\u007F', '\u009F')
            ? string.Concat(shown.Select(sign => char.IsControl(sign) ? '?' : sign))
            : shown;
    }
}
