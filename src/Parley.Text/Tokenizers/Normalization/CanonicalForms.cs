using System.Collections.Frozen;
using System.Globalization;
using System.Text;

namespace Parley.Text;

/// <summary>
/// NFC and NFD. The runtime's own do nothing here, because the programs run without culture data (InvariantGlobalization), so
/// the table of decompositions comes along: canonical.txt. Source: Unicode Standard Annex 15.
/// </summary>
internal static class CanonicalForms
{
    private const int HangulBase = 0xAC00, LeadBase = 0x1100, VowelBase = 0x1161, TrailBase = 0x11A7;
    private const int VowelCount = 21, TrailCount = 28, SyllableCount = 19 * VowelCount * TrailCount;

    private static readonly Lazy<Table> Data = new(Table.Load);

    /// <summary>The text with every character taken apart and its marks in order.</summary>
    public static string Decompose(string text) => Ascii.IsValid(text) ? text : Write(Taken(text));

    /// <summary>The text with every character that has one in its composed form.</summary>
    public static string Compose(string text) => text.AsSpan().IndexOfAnyExceptInRange('\0', '\u02FF') < 0 ? text : Write(Composed(Taken(text)));

    /// <summary>The first code point of a character's decomposition: the letter without its marks.</summary>
    public static Rune Stem(Rune rune)
    {
        if (rune.Value - HangulBase is >= 0 and < SyllableCount and var syllable)
            return new Rune(LeadBase + (syllable / (VowelCount * TrailCount)));
        while (Data.Value.Parts.TryGetValue(rune.Value, out var parts))
            rune = new Rune(parts.First);
        return rune;
    }

    private static List<int> Taken(string text)
    {
        var points = new List<int>(text.Length);
        foreach (var rune in text.EnumerateRunes())
            Take(rune.Value, points);
        Order(points);
        return points;
    }

    private static void Take(int point, List<int> points)
    {
        if (point - HangulBase is >= 0 and < SyllableCount and var syllable)
        {
            points.Add(LeadBase + (syllable / (VowelCount * TrailCount)));
            points.Add(VowelBase + (syllable % (VowelCount * TrailCount) / TrailCount));
            if (syllable % TrailCount > 0)
                points.Add(TrailBase + (syllable % TrailCount));
        }
        else if (Data.Value.Parts.TryGetValue(point, out var parts))
        {
            Take(parts.First, points);
            if (parts.Second > 0)
                points.Add(parts.Second);
        }
        else
        {
            points.Add(point);
        }
    }

    // Marks by their class, those of one class as they came: a stable sort of each run, as a run may be as long as the text.
    private static void Order(List<int> points)
    {
        for (var start = 0; start < points.Count; start++)
        {
            var end = start;
            while (end < points.Count && ClassOf(points[end]) > 0)
                end++;
            if (end - start > 1)
            {
                var sorted = points[start..end].OrderBy(ClassOf).ToArray();
                for (var i = 0; i < sorted.Length; i++)
                    points[start + i] = sorted[i];
            }

            start = end;
        }
    }

    private static List<int> Composed(List<int> points)
    {
        var composed = new List<int>(points.Count);
        var (starter, lastClass) = (-1, 0);
        foreach (var point in points)
        {
            var ownClass = ClassOf(point);
            var blocked = starter >= 0 && starter < composed.Count - 1 && lastClass >= ownClass;
            if (starter >= 0 && !blocked && Pair(composed[starter], point) is > 0 and var whole)
            {
                composed[starter] = whole;
                continue;
            }

            if (ownClass == 0)
                starter = composed.Count;
            lastClass = ownClass;
            composed.Add(point);
        }

        return composed;
    }

    private static int Pair(int first, int second)
    {
        if (first - LeadBase is >= 0 and < 19 and var lead && second - VowelBase is >= 0 and < VowelCount and var vowel)
            return HangulBase + (((lead * VowelCount) + vowel) * TrailCount);
        if (first - HangulBase is >= 0 and < SyllableCount and var syllable && syllable % TrailCount == 0 && second - TrailBase is > 0 and < TrailCount and var trail)
            return first + trail;
        return Data.Value.Wholes.GetValueOrDefault((first, second));
    }

    private static int ClassOf(int point) => point < 0x300 ? 0 : Data.Value.Classes.GetValueOrDefault(point);

    private static string Write(List<int> points)
    {
        var text = new StringBuilder(points.Count);
        foreach (var point in points)
            text.Append(new Rune(point));
        return text.ToString();
    }

    private sealed record Table(
        FrozenDictionary<int, (int First, int Second)> Parts, FrozenDictionary<(int First, int Second), int> Wholes, FrozenDictionary<int, byte> Classes)
    {
        public static Table Load()
        {
            using var reader = new StreamReader(typeof(CanonicalForms).Assembly.GetManifestResourceStream("canonical.txt")!);
            var parts = new Dictionary<int, (int, int)>();
            var wholes = new Dictionary<(int, int), int>();
            var classes = new Dictionary<int, byte>();
            foreach (var entry in reader.ReadToEnd().Split('\n').Where(line => !line.StartsWith('#')).SelectMany(line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries)))
            {
                if (entry.Split(':') is [var range, var number])
                {
                    var ends = range.Split('-');
                    for (var point = Hex(ends[0]); point <= Hex(ends[1]); point++)
                        classes[point] = byte.Parse(number, CultureInfo.InvariantCulture);
                    continue;
                }

                var sides = entry.Split('=', '>');
                var halves = sides[1].Split('+');
                var pair = (Hex(halves[0]), halves.Length > 1 ? Hex(halves[1]) : 0);
                parts[Hex(sides[0])] = pair;
                if (entry.Contains('=', StringComparison.Ordinal))
                    wholes[pair] = Hex(sides[0]);
            }

            return new(parts.ToFrozenDictionary(), wholes.ToFrozenDictionary(), classes.ToFrozenDictionary());
        }

        private static int Hex(string digits) => int.Parse(digits, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture);
    }
}
