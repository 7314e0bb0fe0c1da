using System.Numerics;

namespace Parley.Inference;

/// <summary>Numbers between two bounds, all of them or the multiples of one. Immutable.</summary>
internal sealed record NumberSet
{
    /// <summary>Beyond it there is no bound: no double is larger by much.</summary>
    private static readonly ExactNumber Unbounded = new(BigInteger.Pow(10, 300), 0);

    private const int MostMultiple = 1_000_000_000;

    public static NumberSet All { get; } = new();

    public static NumberSet Integers { get; } = new() { IsInteger = true };

    /// <summary>Written without fraction.</summary>
    public bool IsInteger { get; init; }

    /// <summary>The least; null: none.</summary>
    public NumberBound? Low { get; init; }

    /// <summary>The greatest; null: none.</summary>
    public NumberBound? High { get; init; }

    /// <summary>What every number is a multiple of; zero: nothing.</summary>
    public ExactNumber Multiple { get; init; } = ExactNumber.Zero;

    public static NumberSet From(ExactNumber value, bool exclusive) => Beyond(value.Negated) ? All : new() { Low = new(value, exclusive) };

    public static NumberSet To(ExactNumber value, bool exclusive) => Beyond(value) ? All : new() { High = new(value, exclusive) };

    /// <exception cref="ConstraintException">The common multiple is too large.</exception>
    public NumberSet Intersect(NumberSet other)
    {
        var multiple = LeastCommon(Multiple, other.Multiple);
        var isInteger = IsInteger || other.IsInteger || (multiple != ExactNumber.Zero && multiple.IsInteger);
        multiple = isInteger && !multiple.IsInteger ? LeastCommon(multiple, new(1, 0)) : multiple;
        return multiple.Digits > MostMultiple
            ? throw new ConstraintException($"The numbers must be multiples of {multiple}; at most {MostMultiple:N0} is supported.")
            : new()
            {
                IsInteger = isInteger,
                Low = NumberBound.Tighter(Low, other.Low, 1),
                High = NumberBound.Tighter(High, other.High, -1),
                Multiple = multiple,
            };
    }

    /// <summary>Every number that is not in it; null where that cannot be said by bounds.</summary>
    public IReadOnlyList<NumberSet>? Complement()
    {
        if (IsInteger || Multiple != ExactNumber.Zero)
        {
            return null;
        }

        var parts = new List<NumberSet>();
        if (Low is { } low)
        {
            parts.Add(new() { High = new(low.Value, !low.IsExclusive) });
        }

        if (High is { } high)
        {
            parts.Add(new() { Low = new(high.Value, !high.IsExclusive) });
        }

        return parts;
    }

    public bool Has(ExactNumber number) =>
        (!IsInteger || number.IsInteger)
        && (Low is not { } low || number.CompareTo(low.Value) is var above && (above > 0 || (above == 0 && !low.IsExclusive)))
        && (High is not { } high || number.CompareTo(high.Value) is var below && (below < 0 || (below == 0 && !high.IsExclusive)))
        && (Multiple == ExactNumber.Zero || IsMultiple(number));

    /// <summary>Surely no number at all; false says nothing.</summary>
    public bool IsEmpty => Low is { } low && High is { } high
        && (low.Value.CompareTo(high.Value) is var order && (order > 0 || (order == 0 && (low.IsExclusive || high.IsExclusive))))
        || (IsInteger && Low is { } least && High is { } most && LeastInteger(least) > GreatestInteger(most));

    public static BigInteger LeastInteger(NumberBound low) => low.Value.Ceiling() + (low.IsExclusive && low.Value.IsInteger ? 1 : 0);

    public static BigInteger GreatestInteger(NumberBound high) => high.Value.Floor() - (high.IsExclusive && high.Value.IsInteger ? 1 : 0);

    private static bool Beyond(ExactNumber value) => value.CompareTo(Unbounded) >= 0;

    private bool IsMultiple(ExactNumber number)
    {
        var scale = Math.Max(number.Scale, Multiple.Scale);
        return (number.Digits * BigInteger.Pow(10, scale - number.Scale)) % (Multiple.Digits * BigInteger.Pow(10, scale - Multiple.Scale)) == 0;
    }

    private static ExactNumber LeastCommon(ExactNumber a, ExactNumber b)
    {
        if (a == ExactNumber.Zero || b == ExactNumber.Zero)
        {
            return a == ExactNumber.Zero ? b : a;
        }

        var scale = Math.Max(a.Scale, b.Scale);
        var (x, y) = (a.Digits * BigInteger.Pow(10, scale - a.Scale), b.Digits * BigInteger.Pow(10, scale - b.Scale));
        return new(x / BigInteger.GreatestCommonDivisor(x, y) * y, scale);
    }
}

/// <summary>An end of a range of numbers.</summary>
internal readonly record struct NumberBound(ExactNumber Value, bool IsExclusive)
{
    /// <summary>The narrower of two; direction 1 for least values, -1 for greatest.</summary>
    public static NumberBound? Tighter(NumberBound? a, NumberBound? b, int direction)
    {
        if (a is not { } x || b is not { } y)
        {
            return a ?? b;
        }

        var order = direction * x.Value.CompareTo(y.Value);
        return order > 0 ? x : order < 0 ? y : new(x.Value, x.IsExclusive || y.IsExclusive);
    }
}
