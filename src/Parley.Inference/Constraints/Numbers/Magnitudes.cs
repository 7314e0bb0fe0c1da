using System.Numerics;

namespace Parley.Inference;

/// <summary>
/// Numbers of one sign, without it, as digits to compare with while a text is read. An exclusive bound is moved to where a double that is read
/// from the text leaves the bound, so that no reader finds a number on the wrong side by rounding.
/// </summary>
internal sealed class Magnitudes
{
    private static readonly ExactNumber Small = new(1, 4);
    private const int LargeNumber = 15, LargeInteger = 21;

    /// <summary>Digits behind the point that doubles are printed with.</summary>
    private const int PrintedFraction = 17;

    private Magnitudes(ExactNumber low, bool lowExclusive, ExactNumber? high, bool highExclusive, NumberSet set)
    {
        (Low, LowExclusive, LowDigits) = (low, lowExclusive, new DecimalDigits(low));
        (High, HighExclusive, HighDigits) = (high, highExclusive, high is { } most ? new DecimalDigits(most) : null);
        var scale = set.Multiple.Scale;
        Modulus = set.Multiple == ExactNumber.Zero ? 1 : (int)set.Multiple.Digits;
        MostFraction = set.IsInteger ? 0 : Modulus > 1 ? scale : NumberMachine.MostDigits;
        MostWhole = Modulus > 1 ? 15 : NumberMachine.MostDigits;
        var isPlain = Modulus == 1 && !set.IsInteger;
        var fromZero = low.Digits.IsZero;
        TakesAllExponents = isPlain && fromZero && high is null;
        LeastExponent = set.IsInteger ? LargeInteger : LargeNumber;
        TakesLargeExponents = Modulus == 1 && high is null && low.CompareTo(new(BigInteger.Pow(10, LeastExponent), 0)) <= 0;
        MostWritten = set.IsInteger && TakesLargeExponents ? PrintedFraction : MostFraction;
        TakesSmallExponents = isPlain && fromZero && (high is not { } limit || limit.CompareTo(Small) >= 0);
    }

    public ExactNumber Low { get; }

    public bool LowExclusive { get; }

    public ExactNumber? High { get; }

    public bool HighExclusive { get; }

    public DecimalDigits LowDigits { get; }

    public DecimalDigits? HighDigits { get; }

    /// <summary>Digits before the point at most.</summary>
    public int MostWhole { get; }

    /// <summary>Digits behind the point at most.</summary>
    public int MostFraction { get; }

    /// <summary>Digits behind the point at most where an exponent follows: integers have none without one.</summary>
    public int MostWritten { get; }

    /// <summary>The number, as an integer of <see cref="MostFraction"/> decimals, is a multiple of it; 1: no matter.</summary>
    public int Modulus { get; }

    /// <summary>Any exponent may be written.</summary>
    public bool TakesAllExponents { get; }

    /// <summary>Exponents from <see cref="LeastExponent"/> up may be written behind one digit before the point, as printers of doubles do.</summary>
    public bool TakesLargeExponents { get; }

    /// <summary>15 as .NET prints doubles; for integers 21 as JavaScript does, which leaves no fraction.</summary>
    public int LeastExponent { get; }

    /// <summary>Exponents from -5 down may be written behind one digit before the point, as printers of doubles do.</summary>
    public bool TakesSmallExponents { get; }

    /// <summary>The numbers of one sign in a set; null when there are none.</summary>
    public static Magnitudes? Of(NumberSet set, bool negative)
    {
        var (low, high) = negative ? (Flip(set.High), Flip(set.Low)) : (set.Low, set.High);
        if (set.IsInteger)
        {
            low = low is { } least ? new(new(NumberSet.LeastInteger(least), 0), false) : null;
            high = high is { } most ? new(new(NumberSet.GreatestInteger(most), 0), false) : null;
        }

        if (high is { } top && (top.Value.IsNegative || (top.Value.Digits.IsZero && (top.IsExclusive || negative))))
        {
            return null;
        }

        var bottom = low is { } given && !given.Value.IsNegative ? given : new(ExactNumber.Zero, false);
        if (negative && set.IsInteger && bottom.Value.Digits.IsZero)
        {
            bottom = new(new(1, 0), false); // no -0
        }

        // Zero with a minus sign is zero: where zero itself is out, so is this.
        var lowValue = bottom.IsExclusive && !bottom.Value.Digits.IsZero ? Between(bottom.Value, Math.BitIncrement) : bottom.Value;
        ExactNumber? highValue = high is not { } end ? null : end.IsExclusive ? Between(end.Value, Math.BitDecrement) : end.Value;
        return new(lowValue, bottom.IsExclusive, highValue, high?.IsExclusive ?? false, set);
    }

    // Half-way from the bound to its neighbour among doubles: beyond it every text is read as a number beyond the bound.
    private static ExactNumber Between(ExactNumber bound, Func<double, double> neighbour)
    {
        var middle = (ExactNumber.Of(bound.Nearest) + ExactNumber.Of(neighbour(bound.Nearest))).Half();
        var isInside = neighbour(1) < 1 ? middle.CompareTo(bound) < 0 : middle.CompareTo(bound) > 0;
        return isInside ? middle : bound;
    }

    private static NumberBound? Flip(NumberBound? bound) => bound is { } given ? new(given.Value.Negated, given.IsExclusive) : null;
}

/// <summary>The digits of a number that is not negative, before and behind its point.</summary>
internal sealed class DecimalDigits
{
    public DecimalDigits(ExactNumber number)
    {
        var parts = number.ToString().Split('.');
        (Whole, Fraction) = (parts[0], parts.Length > 1 ? parts[1] : "");
    }

    public string Whole { get; }

    public string Fraction { get; }
}
