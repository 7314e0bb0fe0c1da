namespace Parley.Text.Jinja;

/// <summary>Python counts code points where .NET counts UTF-16 units; lone surrogates count as one in both.</summary>
internal static class CodePoints
{
    public static int Count(string text)
    {
        var count = text.Length;
        for (var i = text.AsSpan().IndexOfAnyInRange('\uD800', '\uDBFF'); i >= 0 && i < text.Length - 1; i++)
        {
            if (char.IsSurrogatePair(text[i], text[i + 1]))
                count--;
        }

        return count;
    }

    /// <summary>Offset in UTF-16 units of the code point <paramref name="index"/>, which may be one past the last.</summary>
    public static int Offset(string text, int index)
    {
        if (text.AsSpan().IndexOfAnyInRange('\uD800', '\uDBFF') < 0)
            return index;
        var at = 0;
        for (; index > 0; index--)
            at += LengthAt(text, at);
        return at;
    }

    /// <summary>UTF-16 units of the code point at an offset.</summary>
    public static int LengthAt(string text, int offset) =>
        offset + 1 < text.Length && char.IsSurrogatePair(text[offset], text[offset + 1]) ? 2 : 1;
}
