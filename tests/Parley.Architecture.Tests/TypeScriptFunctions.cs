using System.Text.RegularExpressions;

namespace Parley.Architecture.Tests;

/// <summary>
/// The functions of a TypeScript file and their lengths, read from its layout: a function opens with a line that ends in a brace and closes with the
/// first line at the same indent that begins with one. Holds because the page is formatted that way throughout.
/// </summary>
internal static partial class TypeScriptFunctions
{
    public static IEnumerable<(string Name, int Lines)> Measure(SourceFile file)
    {
        var lines = file.Text.Split('\n');
        for (var i = 0; i < lines.Length; i++)
        {
            if (Opening().IsMatch(lines[i]))
            {
                var indent = lines[i].Length - lines[i].TrimStart().Length;
                var close = Array.FindIndex(lines, i + 1, line => line.TrimStart().StartsWith('}') && line.Length - line.TrimStart().Length == indent);
                yield return ($"{file.Path}:{i + 1}", close < 0 ? lines.Length - i : close - i + 1);
            }
        }
    }

    [GeneratedRegex(@"(\bfunction\b.*|=>\s*|^\s+(async\s+)?\w+\([^()]*\)(:\s*[^=]+)?\s*)\{\s*$", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Opening();
}
