using System.Numerics;

namespace Parley.Inference;

/// <summary>
/// The numbers of a <see cref="NumberSet"/> as JSON writes them: at most 32 digits on each side of the point (15 before it where multiples are
/// asked for), exponents only where they keep within a double's range, and for integers only where JavaScript prints them (1e+21).
/// </summary>
internal sealed class NumberMachine : LeafMachine
{
    public const int MostDigits = 32;

    private const string Bytes = "0123456789.eE+-";

    private readonly Magnitudes?[] _signs; // plus, minus
    private readonly ByteAlphabetSet _alphabet;
    private readonly Dictionary<Place, int> _ids = [];
    private readonly List<Place> _places = [];
    private readonly Dictionary<Place, bool> _lives = [];

    /// <summary>Not to be used when <see cref="IsEmpty"/>.</summary>
    public NumberMachine(NumberSet set, ByteAlphabetSet alphabet)
    {
        (_signs, _alphabet) = ([set.IsEmpty ? null : Magnitudes.Of(set, false), set.IsEmpty ? null : Magnitudes.Of(set, true)], alphabet);
        IsEmpty = !Lives(default);
        Start = IdOf(default);
    }

    private enum Phase : byte
    {
        Begin,
        Minus,
        Whole,
        Point,
        Fraction,
        E,
        ExponentSign,
        Exponent,
    }

    public bool IsEmpty { get; }

    public override int Start { get; }

    public override bool Accepts(int state) => Accepts(_places[state]);

    public override int Step(int state, byte value) =>
        Read(_places[state], value) is { } next && Lives(next) ? IdOf(next) : Dead;

    private Place? Read(Place place, byte value)
    {
        if (!_alphabet.Has(value))
        {
            return null;
        }

        var side = _signs[place.IsNegative ? 1 : 0];
        return value switch
        {
            (byte)'-' when place.Phase == Phase.Begin => _signs[1] is null ? null : new Place { Phase = Phase.Minus, IsNegative = true },
            >= (byte)'0' and <= (byte)'9' when side is not null => Digit(place, side, value - '0'),
            (byte)'.' when place.Phase == Phase.Whole && MayHaveFraction(place, side!) => EndWhole(place, side!) with { Phase = Phase.Point },
            (byte)'e' or (byte)'E' when place.Phase is Phase.Whole or Phase.Fraction && MayHaveExponent(place, side!) => place with { Phase = Phase.E },
            (byte)'+' when place.Phase == Phase.E => place with { Phase = Phase.ExponentSign },
            (byte)'-' when place.Phase == Phase.E => place with { Phase = Phase.ExponentSign, IsSmall = true },
            _ => null,
        };
    }

    private static Place? Digit(Place place, Magnitudes side, int digit)
    {
        switch (place.Phase)
        {
            case Phase.Begin or Phase.Minus or Phase.Whole:
                return place.IsZero || place.Count == side.MostWhole ? null : Whole(place, side, digit);
            case Phase.Point or Phase.Fraction:
                return place.Fraction == side.MostWritten ? null : Fraction(place, side, digit);
            default:
                return place.Digits == 3 ? null : place with { Phase = Phase.Exponent, Digits = place.Digits + 1, Exponent = (place.Exponent * 10) + digit };
        }
    }

    private static Place? Whole(Place place, Magnitudes side, int digit)
    {
        var next = place with
        {
            Phase = Phase.Whole,
            Count = place.Count + 1,
            IsZero = place.Count == 0 && digit == 0,
            Low = Compare(place.Low, side.LowDigits.Whole, place.Count, digit),
            High = side.HighDigits is { } high ? Compare(place.High, high.Whole, place.Count, digit) : -1,
            Residue = (int)(((place.Residue * 10L) + digit) % side.Modulus),
        };
        var isAbove = side.HighDigits is { } most && (next.Count > most.Whole.Length || (next.Count == most.Whole.Length && next.High > 0));
        return isAbove && !MayHaveExponent(next, side) ? null : next;
    }

    private static Place? Fraction(Place place, Magnitudes side, int digit)
    {
        var next = place with
        {
            Phase = Phase.Fraction,
            Fraction = place.Fraction + 1,
            Low = place.Low != 0 ? place.Low : digit.CompareTo(At(side.LowDigits.Fraction, place.Fraction)),
            High = place.High != 0 || side.HighDigits is null ? place.High : digit.CompareTo(At(side.HighDigits.Fraction, place.Fraction)),
            Residue = (int)(((place.Residue * 10L) + digit) % side.Modulus),
        };
        return (next.Low < 0 || next.High > 0) && !MayHaveExponent(next, side) ? null : next;
    }

    private static Place EndWhole(Place place, Magnitudes side) => place with
    {
        Low = place.Count < side.LowDigits.Whole.Length ? -1 : place.Low,
        High = side.HighDigits is { } high && place.Count < high.Whole.Length ? -1 : place.High,
    };

    // The order of a prefix and the bound's digits at the same places; with more digits than the bound it is above it.
    private static int Compare(int known, string bound, int at, int digit) =>
        at >= bound.Length ? 1 : known != 0 ? known : digit.CompareTo(bound[at] - '0');

    private static int At(string fraction, int at) => at < fraction.Length ? fraction[at] - '0' : 0;

    private static bool MayHaveFraction(Place place, Magnitudes side) => side.MostFraction > 0 || (side.MostWritten > 0 && MayHaveExponent(place, side));

    private static bool MayHaveExponent(Place place, Magnitudes side) =>
        side.TakesAllExponents || (place.Count == 1 && !place.IsZero && (side.TakesLargeExponents || side.TakesSmallExponents));

    private bool Accepts(Place place)
    {
        if (place.Phase is not (Phase.Whole or Phase.Fraction or Phase.Exponent))
        {
            return false;
        }

        var side = _signs[place.IsNegative ? 1 : 0]!;
        if (place.Phase == Phase.Exponent || (place.Phase == Phase.Fraction && side.MostFraction == 0))
        {
            return place.Phase == Phase.Exponent && AcceptsExponent(place, side);
        }

        var ended = place.Phase == Phase.Whole ? EndWhole(place, side) : place;
        var (low, high) = (ended.Low, ended.High);
        if (low == 0 && side.LowDigits.Fraction.AsSpan(Math.Min(place.Fraction, side.LowDigits.Fraction.Length)).ContainsAnyExcept('0'))
        {
            low = -1;
        }

        if (high == 0 && side.HighDigits!.Fraction.AsSpan(Math.Min(place.Fraction, side.HighDigits.Fraction.Length)).ContainsAnyExcept('0'))
        {
            high = -1;
        }

        return (low > 0 || (low == 0 && !side.LowExclusive)) && (high < 0 || (high == 0 && !side.HighExclusive)) && IsMultiple(place, side);
    }

    // One digit before the point keeps a number with exponent 307 below the largest double; many digits, 270.
    private static bool AcceptsExponent(Place place, Magnitudes side)
    {
        var isNotZero = side.LowDigits.Whole != "0" || place.Low > 0;
        var inRange = place.IsSmall ? place.Exponent <= 300 - MostDigits : place.Exponent <= (place.Count == 1 ? 307 : 307 - MostDigits);
        return inRange && (isNotZero || !side.LowExclusive)
            && (side.TakesAllExponents
                || (place.IsSmall && side.TakesSmallExponents && place.Exponent >= 5)
                || (!place.IsSmall && side.TakesLargeExponents && place.Exponent >= side.LeastExponent));
    }

    private static bool IsMultiple(Place place, Magnitudes side)
    {
        var residue = (long)place.Residue;
        for (var i = place.Fraction; side.Modulus > 1 && i < side.MostFraction; i++)
        {
            residue = residue * 10 % side.Modulus;
        }

        return residue == 0;
    }

    private bool Lives(Place place)
    {
        if (_lives.TryGetValue(place, out var known))
        {
            return known;
        }

        var side = _signs[place.IsNegative ? 1 : 0];
        var lives = side is { Modulus: > 1, MostFraction: 0 } && place.Phase == Phase.Whole ? HasMultiple(place, side) : Accepts(place) || AnyLives(place);
        return _lives[place] = lives;
    }

    private bool AnyLives(Place place)
    {
        foreach (var letter in Bytes)
        {
            if (Read(place, (byte)letter) is { } next && Lives(next))
            {
                return true;
            }
        }

        return false;
    }

    // Some digits more make the number a multiple within the bounds: the multiples among so many digits are evenly spread, so no search is needed.
    private static bool HasMultiple(Place place, Magnitudes side)
    {
        for (int more = 0; place.Count + more <= (place.IsZero ? 1 : side.MostWhole); more++)
        {
            var (power, length) = (BigInteger.Pow(10, more), place.Count + more);
            var (first, last) = (BigInteger.Zero, power - 1);
            var lowLength = side.LowDigits.Whole.Length;
            if (length < lowLength || (length == lowLength && place.Low < 0))
            {
                continue;
            }

            if (length == lowLength && place.Low == 0)
            {
                first = Suffix(side.LowDigits.Whole, place.Count);
            }

            if (side.HighDigits is { } high)
            {
                if (length > high.Whole.Length || (length == high.Whole.Length && place.High > 0))
                {
                    continue;
                }

                if (length == high.Whole.Length && place.High == 0)
                {
                    last = Suffix(high.Whole, place.Count);
                }
            }

            var missing = (side.Modulus - (((place.Residue * power) + first) % side.Modulus)) % side.Modulus;
            if (first + missing <= last)
            {
                return true;
            }
        }

        return false;
    }

    private static BigInteger Suffix(string digits, int from) => from >= digits.Length ? 0 : BigInteger.Parse(digits.AsSpan(from), System.Globalization.CultureInfo.InvariantCulture);

    private int IdOf(Place place)
    {
        if (!_ids.TryGetValue(place, out var id))
        {
            _ids[place] = id = _places.Count;
            _places.Add(place);
        }

        return id;
    }

    /// <summary>What has been read: digits before and behind the point, their order to the bounds', the exponent.</summary>
    private readonly record struct Place
    {
        public Phase Phase { get; init; }

        public bool IsNegative { get; init; }

        public bool IsZero { get; init; }

        public int Count { get; init; }

        public int Fraction { get; init; }

        public int Low { get; init; }

        public int High { get; init; }

        public int Residue { get; init; }

        public bool IsSmall { get; init; }

        public int Digits { get; init; }

        public int Exponent { get; init; }
    }
}
