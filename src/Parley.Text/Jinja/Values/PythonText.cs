using System.Globalization;
using System.Numerics;
using System.Text;

namespace Parley.Text.Jinja;

/// <summary>How Python writes single values: numbers and quoted strings. Source: the language's reference for str() and repr().</summary>
internal static class PythonText
{
    /// <summary>What str.strip and str.split take for white space.</summary>
    public static bool IsSpace(char letter) => char.IsWhiteSpace(letter) || letter is >= '\x1c' and <= '\x1f';

    public static string Integer(BigInteger value) => value.ToString(CultureInfo.InvariantCulture);

    /// <summary>The shortest digits that read back as the same number; an exponent from 1e16 on and below 1e-4.</summary>
    public static string Float(double value)
    {
        if (double.IsNaN(value))
            return "nan";
        if (double.IsInfinity(value))
            return value > 0 ? "inf" : "-inf";
        if (value == 0)
            return double.IsNegative(value) ? "-0.0" : "0.0";

        // "d.ddddE+xxx", from which either notation is built
        var scientific = value.ToString("E16", CultureInfo.InvariantCulture);
        var shortest = value.ToString("R", CultureInfo.InvariantCulture);
        var exponent = int.Parse(scientific[(scientific.IndexOf('E', StringComparison.Ordinal) + 1)..], CultureInfo.InvariantCulture);
        var digits = Digits(shortest);
        var sign = value < 0 ? "-" : "";
        if (exponent is < -4 or >= 16)
            return $"{sign}{digits[0]}{(digits.Length > 1 ? "." + digits[1..] : "")}e{(exponent < 0 ? '-' : '+')}{Math.Abs(exponent):00}";
        if (exponent < 0)
            return $"{sign}0.{new string('0', -exponent - 1)}{digits}";
        var padded = digits.PadRight(exponent + 2, '0');
        return $"{sign}{padded[..(exponent + 1)]}.{padded[(exponent + 1)..]}";
    }

    /// <summary>A string in quotes, single ones unless it holds those and no double ones; what does not print is escaped.</summary>
    public static void Quote(in MarkedText value, MarkedTextBuilder output)
    {
        var text = value.Text;
        var quote = text.Contains('\'', StringComparison.Ordinal) && !text.Contains('"', StringComparison.Ordinal) ? "\"" : "'";
        output.Append(quote, value.Origin);
        var done = 0;
        for (var i = 0; i < text.Length; i += CodePoints.LengthAt(text, i))
        {
            if (Escape(text, i, quote[0]) is not { } escaped)
                continue;
            var width = CodePoints.LengthAt(text, i);
            output.Append(value.Slice(done, i - done)).Append(escaped, value.OriginAt(i));
            done = i + width;
        }

        output.Append(value.Slice(done, text.Length - done)).Append(quote, value.Origin);
    }

    private static string? Escape(string text, int at, char quote)
    {
        switch (text[at])
        {
            case '\\':
                return @"\\";
            case '\n':
                return @"\n";
            case '\r':
                return @"\r";
            case '\t':
                return @"\t";
            case var letter when letter == quote:
                return $"\\{letter}";
        }

        if (Rune.TryGetRuneAt(text, at, out var rune))
            return Prints(rune) ? null : rune.Value switch
            {
                < 0x100 => $"\\x{rune.Value:x2}",
                < 0x10000 => $"\\u{rune.Value:x4}",
                _ => $"\\U{rune.Value:x8}",
            };
        return $"\\u{(int)text[at]:x4}";
    }

    private static bool Prints(Rune rune) => rune.Value == ' ' || Rune.GetUnicodeCategory(rune) is not (
        UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.Surrogate or UnicodeCategory.PrivateUse
        or UnicodeCategory.OtherNotAssigned or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator
        or UnicodeCategory.SpaceSeparator);

    private static string Digits(string number)
    {
        var mantissa = number.Split('E')[0];
        var digits = string.Concat(mantissa.Where(char.IsAsciiDigit)).TrimStart('0').TrimEnd('0');
        return digits.Length == 0 ? "0" : digits;
    }
}
