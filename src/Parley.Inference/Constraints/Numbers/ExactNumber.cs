using System.Globalization;
using System.Numerics;

namespace Parley.Inference;

/// <summary>A decimal number without rounding: Digits / 10^Scale, scale as small as possible and not negative.</summary>
internal readonly record struct ExactNumber : IComparable<ExactNumber>
{
    private const int MostExponent = 400;

    public ExactNumber(BigInteger digits, int scale)
    {
        while (scale > 0 && digits % 10 == 0)
        {
            (digits, scale) = (digits / 10, scale - 1);
        }

        (Digits, Scale) = (digits, scale);
    }

    public static ExactNumber Zero { get; } = new(0, 0);

    public BigInteger Digits { get; }

    public int Scale { get; }

    public bool IsInteger => Scale == 0;

    public bool IsNegative => Digits.Sign < 0;

    public ExactNumber Negated => new(-Digits, Scale);

    public double Nearest => double.Parse(ToString(), CultureInfo.InvariantCulture);

    /// <summary>Reads JSON's number; null when its exponent or its length is beyond all use.</summary>
    public static ExactNumber? Parse(string text)
    {
        var mantissa = text.AsSpan();
        var exponent = 0;
        if (mantissa.IndexOfAny('e', 'E') is var e and >= 0)
        {
            if (!int.TryParse(mantissa[(e + 1)..], NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out exponent) || Math.Abs((long)exponent) > MostExponent)
            {
                return null;
            }

            mantissa = mantissa[..e];
        }

        var dot = mantissa.IndexOf('.');
        var scale = (dot < 0 ? 0 : mantissa.Length - dot - 1) - exponent;
        if (mantissa.Length > MostExponent)
        {
            return null;
        }

        var digits = BigInteger.Parse(mantissa.ToString().Replace(".", "", StringComparison.Ordinal), CultureInfo.InvariantCulture);
        return scale >= 0 ? new(digits, scale) : new(digits * BigInteger.Pow(10, -scale), 0);
    }

    /// <summary>The exact value of a finite double.</summary>
    public static ExactNumber Of(double value)
    {
        var bits = BitConverter.DoubleToInt64Bits(value);
        var exponent = (int)((bits >> 52) & 0x7FF);
        var mantissa = (BigInteger)((bits & 0xFFFFFFFFFFFFFL) | (exponent == 0 ? 0 : 1L << 52)) * (value < 0 ? -1 : 1);
        exponent = Math.Max(exponent, 1) - 1075;
        return exponent >= 0 ? new(mantissa << exponent, 0) : new(mantissa * BigInteger.Pow(5, -exponent), -exponent);
    }

    public static ExactNumber operator +(ExactNumber a, ExactNumber b)
    {
        var scale = Math.Max(a.Scale, b.Scale);
        return new((a.Digits * BigInteger.Pow(10, scale - a.Scale)) + (b.Digits * BigInteger.Pow(10, scale - b.Scale)), scale);
    }

    public ExactNumber Half() => new(Digits * 5, Scale + 1);

    public BigInteger Floor() => BigInteger.DivRem(Digits, BigInteger.Pow(10, Scale), out var rest) - (rest.Sign < 0 ? 1 : 0);

    public BigInteger Ceiling() => -Negated.Floor();

    public int CompareTo(ExactNumber other)
    {
        var scale = Math.Max(Scale, other.Scale);
        return (Digits * BigInteger.Pow(10, scale - Scale)).CompareTo(other.Digits * BigInteger.Pow(10, scale - other.Scale));
    }

    /// <summary>Without exponent.</summary>
    public override string ToString()
    {
        var text = BigInteger.Abs(Digits).ToString(CultureInfo.InvariantCulture).PadLeft(Scale + 1, '0');
        return (IsNegative ? "-" : "") + (Scale == 0 ? text : $"{text[..^Scale]}.{text[^Scale..]}");
    }
}
