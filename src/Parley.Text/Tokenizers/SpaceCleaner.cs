using System.Text;

namespace Parley.Text;

/// <summary>
/// What llama_detokenize does to the text of some vocabularies: no space before ?!., nor around a lone apostrophe, nor before
/// 's 'm 're 've. It loses text, so only comparisons with llama.cpp use it.
/// </summary>
internal static class SpaceCleaner
{
    public static string Clean(string text) => WithoutSpaceBefore(JoinApostrophes(WithoutSpaceBefore(text, IsClosing)), IsShortForm);

    private static string WithoutSpaceBefore(string text, Func<string, int, bool> joins)
    {
        var cleaned = new StringBuilder(text.Length);
        for (var i = 0; i < text.Length; i++)
        {
            if (i > 0 && text[i - 1] == ' ' && joins(text, i))
                cleaned.Length--;
            cleaned.Append(text[i]);
        }

        return cleaned.ToString();
    }

    private static bool IsClosing(string text, int at) => text[at] is '?' or '!' or '.' or ',';

    private static bool IsShortForm(string text, int at) =>
        text[at] == '\'' && at + 1 < text.Length && (text[at + 1] is 's' or 'm' || text.AsSpan(at + 1) is ['r' or 'v', 'e', ..]);

    private static string JoinApostrophes(string text)
    {
        var cleaned = new StringBuilder(text.Length);
        var done = 0; // a space belongs to one apostrophe only
        for (var i = 0; i < text.Length; i++)
        {
            var lone = text[i] == '\'' && i > done && i + 1 < text.Length && text[i - 1] == ' ' && text[i + 1] == ' ';
            if (lone)
                cleaned.Length--;
            cleaned.Append(text[i]);
            if (lone)
                done = ++i + 1;
        }

        return cleaned.ToString();
    }
}
