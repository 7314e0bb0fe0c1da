namespace Parley.Inference;

/// <summary>A set of Unicode scalar values as sorted ranges that do not touch. Immutable.</summary>
internal sealed class CodePoints
{
    public const int Last = 0x10FFFF;

    private static readonly (int First, int Last)[] Scalars = [(0, 0xD7FF), (0xE000, Last)];

    public CodePoints(params IEnumerable<(int First, int Last)> ranges) => Ranges = Normal(ranges);

    public static CodePoints All { get; } = new(Scalars);

    public IReadOnlyList<(int First, int Last)> Ranges { get; }

    public bool IsEmpty => Ranges.Count == 0;

    public static CodePoints Of(int codePoint) => new((codePoint, codePoint));

    public CodePoints Union(CodePoints other) => new([.. Ranges, .. other.Ranges]);

    public CodePoints Complement()
    {
        var (left, from) = (new List<(int, int)>(), 0);
        foreach (var (first, last) in Ranges)
        {
            if (first > from)
            {
                left.Add((from, first - 1));
            }

            from = last + 1;
        }

        left.Add((from, Last));
        return new(left);
    }

    public bool Has(int codePoint) => Ranges.Any(range => codePoint >= range.First && codePoint <= range.Last);

    /// <summary>The part of a range that is in the set.</summary>
    public IEnumerable<(int First, int Last)> Within(int first, int last) =>
        Ranges.Where(range => range.First <= last && range.Last >= first).Select(range => (Math.Max(range.First, first), Math.Min(range.Last, last)));

    // Surrogates are no scalar values: they are cut out of every range.
    private static List<(int, int)> Normal(IEnumerable<(int First, int Last)> ranges)
    {
        var sorted = ranges.SelectMany(range => Scalars.Select(all => (First: Math.Max(range.First, all.First), Last: Math.Min(range.Last, all.Last))))
            .Where(range => range.First <= range.Last).Order();
        var joined = new List<(int First, int Last)>();
        foreach (var range in sorted)
        {
            if (joined.Count > 0 && range.First <= joined[^1].Last + 1)
            {
                joined[^1] = (joined[^1].First, Math.Max(joined[^1].Last, range.Last));
            }
            else
            {
                joined.Add(range);
            }
        }

        return joined;
    }
}
