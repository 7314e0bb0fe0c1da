using System.Text;

namespace Parley.Text;

/// <summary>
/// Rewrites <c>X?+</c>, <c>X*+</c>, <c>X++</c> and <c>X{n}+</c>, which .NET's regular expressions lack, to atomic groups <c>(?&gt;X?)</c> of
/// the same meaning. Some tokenizer.json files have them (GPT-4's original pattern).
/// </summary>
internal static class PossessiveQuantifiers
{
    public static string Rewrite(string pattern)
    {
        var written = new StringBuilder(pattern.Length);
        var groups = new Stack<int>(); // where each open group begins in what is written
        var atom = 0;
        for (var at = 0; at < pattern.Length;)
        {
            var length = QuantifierLength(pattern, at);
            if (length > 0)
            {
                written.Append(pattern, at, length);
                at += length;
                if (at < pattern.Length && pattern[at] == '+')
                {
                    written.Insert(atom, "(?>").Append(')');
                    at++;
                }

                continue;
            }

            length = AtomLength(pattern, at);
            if (pattern[at] == '(')
                groups.Push(written.Length);
            atom = pattern[at] == ')' && groups.Count > 0 ? groups.Pop() : written.Length;
            written.Append(pattern, at, length);
            at += length;
        }

        return written.ToString();
    }

    private static int QuantifierLength(string pattern, int at) => pattern[at] switch
    {
        '?' when at > 0 && pattern[at - 1] == '(' => 0, // (?: and its kin
        '?' or '*' or '+' => 1,
        '{' when pattern.IndexOf('}', at) is > 0 and var end && pattern.AsSpan(at + 1, end - at - 1).IndexOfAnyExcept("0123456789,") < 0 => end - at + 1,
        _ => 0,
    };

    private static int AtomLength(string pattern, int at) => pattern[at] switch
    {
        '\\' when at + 2 < pattern.Length && pattern[at + 1] is 'p' or 'P' && pattern[at + 2] == '{' && pattern.IndexOf('}', at) is > 0 and var end => end - at + 1,
        '\\' when at + 1 < pattern.Length => 2,
        '[' => ClassLength(pattern, at),
        _ => 1,
    };

    private static int ClassLength(string pattern, int at)
    {
        var first = at + (pattern.AsSpan(at).StartsWith("[^") ? 2 : 1); // a ']' here is an ordinary character
        for (var end = first; end < pattern.Length; end += pattern[end] == '\\' ? 2 : 1)
        {
            if (pattern[end] == ']' && end > first)
                return end - at + 1;
        }

        return pattern.Length - at;
    }
}
