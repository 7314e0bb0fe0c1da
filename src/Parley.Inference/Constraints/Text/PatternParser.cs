using System.Globalization;

namespace Parley.Inference;

/// <summary>
/// Reads ECMA-262 regular expressions as the u flag has them, but for what is not regular or needs Unicode's tables: look-around, back
/// references, word boundaries and property escapes are refused by position.
/// </summary>
internal sealed class PatternParser
{
    /// <summary>Groups within groups.</summary>
    private const int DeepestGroup = 200;

    /// <summary>A count beyond it makes any automaton too large.</summary>
    private const int MostRepeats = 100_000;

    private readonly int[] _source;
    private int _at;
    private int _depth;

    private PatternParser(string source) => _source = [.. source.EnumerateRunes().Select(rune => rune.Value)];

    private bool IsAtEnd => _at >= _source.Length;

    private int Next => IsAtEnd ? -1 : _source[_at];

    /// <exception cref="ConstraintException">It is no regular expression, or one that is not supported.</exception>
    public static Pattern Parse(string source)
    {
        var parser = new PatternParser(source);
        var pattern = parser.Alternatives();
        return parser.IsAtEnd ? pattern : throw parser.Fault("has a ')' that closes nothing");
    }

    private Pattern Alternatives()
    {
        if (++_depth > DeepestGroup)
        {
            throw Fault($"nests groups deeper than {DeepestGroup}");
        }

        var parts = new List<Pattern> { Sequence() };
        while (Take('|'))
        {
            parts.Add(Sequence());
        }

        _depth--;
        return parts.Count == 1 ? parts[0] : new Pattern.Either(parts);
    }

    private Pattern Sequence()
    {
        var parts = new List<Pattern>();
        while (!IsAtEnd && Next is not ('|' or ')'))
        {
            parts.Add(Quantified());
        }

        return parts.Count == 1 ? parts[0] : new Pattern.Sequence(parts);
    }

    private Pattern Quantified()
    {
        var atom = Atom();
        var (min, max) = Next switch { '*' => (0, -1), '+' => (1, -1), '?' => (0, 1), _ => (1, 1) };
        if (Next is '*' or '+' or '?')
        {
            _at++;
        }
        else if (Next == '{')
        {
            (min, max) = Count();
        }
        else
        {
            return atom;
        }

        Take('?'); // a lazy quantifier matches the same texts
        return atom is Pattern.Begin or Pattern.Finish ? throw Fault("repeats an anchor") : new Pattern.Repeat(atom, min, max);
    }

    private (int Min, int Max) Count()
    {
        _at++;
        var min = Number();
        var max = !Take(',') ? min : Next == '}' ? -1 : Number();
        if (!Take('}') || min < 0 || (max >= 0 && max < min))
        {
            throw Fault("has a '{' that begins no repetition; write '\\{' for the character");
        }

        return (min, max);
    }

    private int Number()
    {
        var (value, any) = (0, false);
        for (; Next is >= '0' and <= '9'; _at++)
        {
            (value, any) = ((value * 10) + Next - '0', true);
            if (value > MostRepeats)
            {
                throw Fault($"repeats more than {MostRepeats} times");
            }
        }

        return any ? value : -1;
    }

    private Pattern Atom()
    {
        var letter = _source[_at++];
        switch (letter)
        {
            case '^':
                return new Pattern.Begin();
            case '$':
                return new Pattern.Finish();
            case '.':
                return new Pattern.One(CharacterClasses.LineEnds.Complement());
            case '(':
                return Group();
            case '[':
                return new Pattern.One(Class());
            case '\\':
                return new Pattern.One(Escape(inClass: false));
            case '*' or '+' or '?' or '{' or '}' or ']':
                _at--;
                throw Fault($"has a '{(char)letter}' with nothing to apply to; write '\\{(char)letter}' for the character");
            default:
                return new Pattern.One(CodePoints.Of(letter));
        }
    }

    private Pattern Group()
    {
        if (Take('?') && !Take(':'))
        {
            if (!Take('<') || Next is '=' or '!')
            {
                throw Fault("looks ahead or behind, or sets flags, which is not supported");
            }

            while (!IsAtEnd && Next != '>')
            {
                _at++;
            }

            _at++;
        }

        var inner = Alternatives();
        return Take(')') ? inner : throw Fault("has a '(' without its ')'");
    }

    private CodePoints Class()
    {
        var isNegated = Take('^');
        var set = new CodePoints();
        while (Next != ']')
        {
            var first = ClassMember();
            if (Next == '-' && _at + 1 < _source.Length && _source[_at + 1] != ']')
            {
                _at++;
                var last = ClassMember();
                if (!IsSingle(first) || !IsSingle(last) || last.Ranges[0].First < first.Ranges[0].First)
                {
                    throw Fault("has a range in a class that is out of order or between sets");
                }

                first = new CodePoints((first.Ranges[0].First, last.Ranges[0].First));
            }

            set = set.Union(first);
        }

        _at++;
        return isNegated ? set.Complement() : set;
    }

    private CodePoints ClassMember()
    {
        if (IsAtEnd)
        {
            throw Fault("has a '[' without its ']'");
        }

        var letter = _source[_at++];
        return letter == '\\' ? Escape(inClass: true) : CodePoints.Of(letter);
    }

    private CodePoints Escape(bool inClass)
    {
        if (IsAtEnd)
        {
            throw Fault("ends with a backslash");
        }

        var letter = _source[_at++];
        if (CharacterClasses.OfEscape(letter) is { } known)
        {
            return known;
        }

        switch (letter)
        {
            case 'x':
                return CodePoints.Of(Hex(2));
            case 'u':
                return CodePoints.Of(Unicode());
            case 'c' when Next is (>= 'a' and <= 'z') or (>= 'A' and <= 'Z'):
                return CodePoints.Of(_source[_at++] & 31);
            case '0' when Next is not (>= '0' and <= '9'):
                return CodePoints.Of(0);
            case 'b' when inClass:
                return CodePoints.Of(8);
            case '-' when inClass:
                return CodePoints.Of('-');
            default:
                return letter < 128 && "^$\\.*+?()[]{}|/".Contains((char)letter, StringComparison.Ordinal)
                    ? CodePoints.Of(letter)
                    : throw Fault($"has the escape '\\{char.ConvertFromUtf32(letter)}', which is not supported");
        }
    }

    private int Unicode()
    {
        if (Take('{'))
        {
            var start = _at;
            while (!IsAtEnd && Next != '}')
            {
                _at++;
            }

            var digits = string.Concat(_source[start.._at].Select(char.ConvertFromUtf32));
            return Take('}') && int.TryParse(digits, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var value) && value is >= 0 and <= CodePoints.Last
                ? value
                : throw Fault("has a malformed \\u{...}");
        }

        var unit = Hex(4);
        if (char.IsHighSurrogate((char)unit) && Next == '\\' && _at + 1 < _source.Length && _source[_at + 1] == 'u')
        {
            _at += 2;
            var low = Hex(4);
            return char.IsLowSurrogate((char)low) ? char.ConvertToUtf32((char)unit, (char)low) : throw Fault("has half a surrogate pair");
        }

        return unit;
    }

    private int Hex(int digits)
    {
        var value = 0;
        for (var i = 0; i < digits; i++)
        {
            if (IsAtEnd || Next > 127 || !char.IsAsciiHexDigit((char)Next))
            {
                throw Fault($"has an escape with fewer than {digits} hexadecimal digits");
            }

            value = (value * 16) + Convert.ToInt32(((char)_source[_at++]).ToString(), 16);
        }

        return value;
    }

    private bool Take(int letter)
    {
        if (Next != letter)
        {
            return false;
        }

        _at++;
        return true;
    }

    private static bool IsSingle(CodePoints set) => set.Ranges.Count == 1 && set.Ranges[0].First == set.Ranges[0].Last;

    private ConstraintException Fault(string sentence) => new($"The regular expression {sentence} (near character {Math.Min(_at, _source.Length) + 1}).");
}
