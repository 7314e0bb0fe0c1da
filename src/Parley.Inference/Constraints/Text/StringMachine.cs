namespace Parley.Inference;

/// <summary>
/// A language of characters as bytes: UTF-8 as it is, or what stands between the quotes of a JSON string, where every escape that RFC 8259
/// allows is one more way to write a character. Surrogate escapes come in pairs only.
/// </summary>
internal sealed class StringMachine : LeafMachine
{
    private const string ShortNames = "\"\\/bfnrt";
    private const string ShortValues = "\"\\/\b\f\n\r\t";

    private readonly TextLengths _texts;
    private readonly bool _isJson;
    private readonly ByteAlphabetSet _alphabet;
    private readonly bool[] _takesAny;
    private readonly Dictionary<Place, int> _ids = [];
    private readonly List<Place> _places = [];

    /// <summary>Not to be used when <see cref="IsEmpty"/>.</summary>
    public StringMachine(TextAutomaton automaton, int min, int max, bool isJson, ByteAlphabetSet alphabet)
    {
        var writable = Writable(isJson, alphabet);
        var whole = writable.Ranges.SequenceEqual(CodePoints.All.Ranges);
        (_texts, _isJson, _alphabet) = (new(whole ? automaton : automaton.Restrict(writable), min, max), isJson, alphabet);
        _takesAny = PlainClosure.Of(_texts.Automaton, accepting: max >= 0);
        if (!IsEmpty)
        {
            Start = IdOf(new(0, 0, Phase.Between, 0));
        }
    }

    private enum Phase : byte
    {
        Between,

        /// <summary>One, two, three bytes of a character are still to come.</summary>
        One,
        Two,
        Three,
        Backslash,

        /// <summary>So many digits of \uXXXX were read.</summary>
        Hex0,
        Hex1,
        Hex2,
        Hex3,

        /// <summary>After a high surrogate, whose pair must follow.</summary>
        HighBackslash,
        HighU,
        Low0,
        Low1,
        Low2,
        Low3,
    }

    /// <summary>No text of the language can be written.</summary>
    public bool IsEmpty => _texts.IsEmpty;

    public override int Start { get; }

    public override bool Accepts(int state)
    {
        var place = _places[state];
        return place.Phase == Phase.Between && _texts.Accepts(place.State, place.Count);
    }

    public override int AnyCharacters(int state)
    {
        var place = _places[state];
        return place.Phase != Phase.Between || !_takesAny[place.State] ? 0 : _texts.Max < 0 ? int.MaxValue : _texts.Max - place.Count;
    }

    public override int Step(int state, byte value)
    {
        if (!_alphabet.Has(value))
        {
            return Dead;
        }

        var place = _places[state];
        return place.Phase switch
        {
            Phase.Between => Begin(place, value),
            Phase.One or Phase.Two or Phase.Three => Continue(place, value),
            Phase.Backslash => Escape(place, value),
            Phase.HighBackslash => value == '\\' ? IdOf(place with { Phase = Phase.HighU }) : Dead,
            Phase.HighU => value == 'u' ? IdOf(place with { Phase = Phase.Low0 }) : Dead,
            _ => Digit(place, value),
        };
    }

    // What a vocabulary without some bytes cannot write is no part of the language: then every place can go on by single bytes.
    private static CodePoints Writable(bool isJson, ByteAlphabetSet alphabet)
    {
        var escapes = isJson && alphabet.HasEscapes;
        var ascii = Enumerable.Range(0, 128).Where(value =>
            !isJson || (value >= 0x20 && value is not ('"' or '\\')) ? alphabet.Has((byte)value)
            : alphabet.Has((byte)'\\') && (escapes || (ShortValues.IndexOf((char)value) is var at and >= 0 && alphabet.Has((byte)ShortNames[at]))));
        var set = new CodePoints(ascii.Select(value => (value, value)));
        return alphabet.HasAllAbove127 || escapes ? set.Union(new((128, CodePoints.Last))) : set;
    }

    private int Begin(Place place, byte value)
    {
        if (value < 0x80)
        {
            return !_isJson || (value >= 0x20 && value is not ((byte)'"' or (byte)'\\')) ? Take(place, value)
                : value == '\\' && HasAny(place, 0, CodePoints.Last) ? IdOf(place with { Phase = Phase.Backslash })
                : Dead;
        }

        var (phase, bits) = value switch
        {
            >= 0xC2 and <= 0xDF => (Phase.One, value & 0x1F),
            >= 0xE0 and <= 0xEF => (Phase.Two, value & 0x0F),
            >= 0xF0 and <= 0xF4 => (Phase.Three, value & 0x07),
            _ => (Phase.Between, 0),
        };
        return phase == Phase.Between || !_alphabet.HasAllAbove127 ? Dead : Partial(place, phase, bits);
    }

    private int Continue(Place place, byte value)
    {
        if ((value & 0xC0) != 0x80)
        {
            return Dead;
        }

        var bits = (place.Value << 6) | (value & 0x3F);
        return place.Phase == Phase.One ? Take(place, bits) : Partial(place, place.Phase - 1, bits);
    }

    private int Partial(Place place, Phase phase, int bits)
    {
        var shift = 6 * (int)phase;

        // A character has one way to be written in UTF-8, the shortest: what more bytes than it needs would say is none.
        var least = (phase, place.Phase) switch { (Phase.One, Phase.Between) => 0x80, (Phase.Two, Phase.Between) or (Phase.One, _) => 0x800, _ => 0x10000 };
        var (first, last) = (Math.Max(bits << shift, least), Math.Min(((bits + 1) << shift) - 1, CodePoints.Last));
        return first <= last && HasAny(place, first, last) ? IdOf(place with { Phase = phase, Value = bits }) : Dead;
    }

    private int Escape(Place place, byte value)
    {
        if (value == 'u')
        {
            return _alphabet.HasEscapes && HasAny(place, 0, CodePoints.Last) ? IdOf(place with { Phase = Phase.Hex0, Value = 0 }) : Dead;
        }

        var name = ShortNames.IndexOf((char)value, StringComparison.Ordinal);
        return name < 0 ? Dead : Take(place, ShortValues[name]);
    }

    private int Digit(Place place, byte value)
    {
        if (!char.IsAsciiHexDigit((char)value))
        {
            return Dead;
        }

        var bits = (place.Value << 4) | Convert.ToInt32(((char)value).ToString(), 16);
        var isLow = place.Phase >= Phase.Low0;
        var left = (isLow ? Phase.Low3 : Phase.Hex3) - place.Phase;
        var next = left > 0 ? place with { Phase = place.Phase + 1, Value = bits } : default;
        if (isLow)
        {
            return Low(place, bits, left, next);
        }

        var (first, last) = (bits << (4 * left), ((bits + 1) << (4 * left)) - 1);
        if (left > 0)
        {
            return HasAny(place, first, last) || HasPair(place, first, last) ? IdOf(next) : Dead;
        }

        return !char.IsHighSurrogate((char)bits) ? Take(place, bits)
            : HasPair(place, bits, bits) ? IdOf(place with { Phase = Phase.HighBackslash, Value = bits - 0xD800 })
            : Dead;
    }

    // The value has the high surrogate's ten bits and then the digits of the low one.
    private int Low(Place place, int bits, int left, Place next)
    {
        var digits = 4 - left;
        var high = bits >> (4 * digits);
        var low = bits & ((1 << (4 * digits)) - 1);
        var first = Math.Max(low << (4 * left), 0xDC00);
        var last = Math.Min(((low + 1) << (4 * left)) - 1, 0xDFFF);
        return first > last ? Dead
            : left > 0 ? (HasAny(place, Joined(high, first), Joined(high, last)) ? IdOf(next) : Dead)
            : Take(place, Joined(high, low));
    }

    private bool HasPair(Place place, int first, int last)
    {
        (first, last) = (Math.Max(first, 0xD800), Math.Min(last, 0xDBFF));
        return first <= last && HasAny(place, Joined(first - 0xD800, 0xDC00), Joined(last - 0xD800, 0xDFFF));
    }

    private static int Joined(int high, int low) => 0x10000 + (high << 10) + (low - 0xDC00);

    private int Take(Place place, int codePoint)
    {
        var (target, count) = (_texts.Automaton.Step(place.State, codePoint), _texts.Count(place.Count));
        return target >= 0 && _texts.Lives(target, count) ? IdOf(new(target, count, Phase.Between, 0)) : Dead;
    }

    /// <summary>One of these characters may come next.</summary>
    private bool HasAny(Place place, int first, int last)
    {
        var ranges = _texts.Automaton.Next(place.State);
        var count = _texts.Count(place.Count);
        for (var at = TextAutomaton.FirstFrom(ranges, first); at < ranges.Length && ranges[at].First <= last; at++)
        {
            if (_texts.Lives(ranges[at].Target, count))
            {
                return true;
            }
        }

        return false;
    }

    private int IdOf(Place place)
    {
        if (!_ids.TryGetValue(place, out var id))
        {
            _ids[place] = id = _places.Count;
            _places.Add(place);
        }

        return id;
    }

    private readonly record struct Place(int State, int Count, Phase Phase, int Value);
}
