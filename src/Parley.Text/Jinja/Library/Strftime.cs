using System.Globalization;
using System.Text;

namespace Parley.Text.Jinja;

/// <summary>Dates by C's strftime directives, in English whatever the machine speaks.</summary>
internal static class Strftime
{
    /// <exception cref="JinjaFault">A directive that is not known.</exception>
    public static string Format(DateTimeOffset time, string format)
    {
        var text = new StringBuilder();
        for (var i = 0; i < format.Length; i++)
        {
            if (format[i] != '%')
            {
                text.Append(format[i]);
                continue;
            }

            i++;
            // glibc: %-d is %d without its zero.
            var bare = i + 1 < format.Length && format[i] == '-';
            if (bare)
                i++;
            if (i == format.Length)
                throw new JinjaFault("the date format ends in the middle of a directive");
            var part = Directive(time, format[i]);
            text.Append(bare && part.Length > 1 ? part.TrimStart('0', ' ') is { Length: > 0 } rest ? rest : "0" : part);
        }

        return text.ToString();
    }

    private static string Directive(DateTimeOffset time, char directive) => directive switch
    {
        'e' => $"{time.Day,2}",
        'j' => Padded(time.DayOfYear, 3),
        'w' => Padded((int)time.DayOfWeek, 1),
        'u' => Padded(time.DayOfWeek == DayOfWeek.Sunday ? 7 : (int)time.DayOfWeek, 1),
        'U' => Padded((time.DayOfYear + 6 - (int)time.DayOfWeek) / 7, 2),
        'W' => Padded((time.DayOfYear + 6 - (((int)time.DayOfWeek + 6) % 7)) / 7, 2),
        'f' => Padded((int)(time.Ticks % TimeSpan.TicksPerSecond / 10), 6),
        's' => time.ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture),
        'z' => "",
        'Z' => "",
        '%' => "%",
        'n' => "\n",
        't' => "\t",
        _ => time.ToString(Pattern(directive), CultureInfo.InvariantCulture),
    };

    private static string Pattern(char directive) => directive switch
    {
        'a' => "ddd",
        'A' => "dddd",
        'b' or 'h' => "MMM",
        'B' => "MMMM",
        'c' => "ddd MMM dd HH:mm:ss yyyy",
        'd' => "dd",
        'D' or 'x' => "MM/dd/yy",
        'F' => "yyyy-MM-dd",
        'Y' => "yyyy",
        'H' => "HH",
        'I' => "hh",
        'm' => "MM",
        'M' => "mm",
        'p' => "tt",
        'r' => "hh:mm:ss tt",
        'R' => "HH:mm",
        'S' => "ss",
        'T' or 'X' => "HH:mm:ss",
        'y' => "yy",
        _ => throw new JinjaFault($"the date directive '%{directive}' is not supported"),
    };

    private static string Padded(int value, int width) => value.ToString($"D{width}", CultureInfo.InvariantCulture);
}
