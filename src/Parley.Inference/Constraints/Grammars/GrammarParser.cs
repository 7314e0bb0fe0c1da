using System.Globalization;
using System.Text;

namespace Parley.Inference;

/// <summary>
/// Reads a grammar in llama.cpp's notation (GBNF): <c>name ::= ...</c>, texts in quotes, character classes, groups, |, *, +, ?, {m,n}, # comments;
/// the whole answer is a text of the rule named root.
/// </summary>
internal sealed class GrammarParser
{
    private const int MostRules = 2000;
    private const int DeepestGroup = 100;
    private const int MostRepeats = 10_000;

    private readonly GrammarBuilder _builder;
    private readonly ByteAlphabetSet _alphabet;
    private readonly int[] _source;
    private readonly Dictionary<string, int> _rules = new(StringComparer.Ordinal);
    private readonly HashSet<string> _written = new(StringComparer.Ordinal);
    private int _at;
    private int _depth;

    private GrammarParser(string source, GrammarBuilder builder, ByteAlphabetSet alphabet) =>
        (_source, _builder, _alphabet) = ([.. source.EnumerateRunes().Select(rune => rune.Value)], builder, alphabet);

    private bool IsAtEnd => _at >= _source.Length;

    private int Next => IsAtEnd ? -1 : _source[_at];

    /// <summary>Returns the rule of the whole text.</summary>
    /// <exception cref="ConstraintException">It is malformed; says where.</exception>
    public static int Parse(string source, GrammarBuilder builder, ByteAlphabetSet alphabet)
    {
        var parser = new GrammarParser(source, builder, alphabet);
        for (parser.Skip(lines: true); !parser.IsAtEnd; parser.Skip(lines: true))
        {
            parser.Rule();
        }

        var missing = parser._rules.Keys.FirstOrDefault(name => !parser._written.Contains(name));
        return missing is not null ? throw new ConstraintException($"The grammar uses the rule '{missing}', which it does not define.")
            : parser._rules.TryGetValue("root", out var root) ? root
            : throw new ConstraintException("The grammar has no rule named root, which is where an answer begins.");
    }

    private void Rule()
    {
        var name = Name();
        Skip(lines: false);
        if (!(Take(':') && Take(':') && Take('=')))
        {
            throw Fault("expects '::=' behind the name of a rule");
        }

        Skip(lines: true);
        if (!_written.Add(name))
        {
            throw Fault($"defines the rule '{name}' twice");
        }

        _builder.Write(RuleOf(name), Alternatives(lines: false));
        if (!IsAtEnd && Next is not ('\n' or '\r'))
        {
            throw Fault("expects the end of the line");
        }
    }

    private int Alternatives(bool lines)
    {
        if (++_depth > DeepestGroup)
        {
            throw Fault($"nests groups deeper than {DeepestGroup}");
        }

        var ways = new List<int> { Sequence(lines) };
        while (Take('|'))
        {
            Skip(lines: true);
            ways.Add(Sequence(lines));
        }

        _depth--;
        return _builder.Either(ways);
    }

    // Parts are read from left to right and written from right to left, each as a rule of its own.
    private int Sequence(bool lines)
    {
        var parts = new List<Func<int, int>>();
        for (Skip(lines); !IsAtEnd && Next is not ('|' or ')' or '\n' or '\r'); Skip(lines))
        {
            parts.Add(Repeated(Part()));
        }

        var next = GrammarBuilder.End;
        for (var i = parts.Count - 1; i >= 0; i--)
        {
            next = parts[i](next);
        }

        return next;
    }

    private Func<int, int> Part()
    {
        switch (Next)
        {
            case '"':
                _at++;
                var text = Encoding.UTF8.GetBytes(Characters('"'));
                return next => _builder.Literal(text, next);
            case '[':
                return One(Class());
            case '.':
                _at++;
                return One(CodePoints.All);
            case '(':
                _at++;
                Skip(lines: true);
                var group = _builder.Rule(Alternatives(lines: true));
                return Take(')') ? next => _builder.Call(group, next) : throw Fault("has a '(' without its ')'");
            default:
                var rule = RuleOf(Name());
                return next => _builder.Call(rule, next);
        }
    }

    private Func<int, int> Repeated(Func<int, int> part)
    {
        var (min, max) = Next switch { '*' => (0, -1), '+' => (1, -1), '?' => (0, 1), '{' => Count(), _ => (1, 1) };
        if (Next is '*' or '+' or '?')
        {
            _at++;
        }

        if ((min, max) == (1, 1))
        {
            return part;
        }

        var rule = _builder.Rule(part(GrammarBuilder.End));
        return next => _builder.Repeat(rule, rule, min, max, next);
    }

    private (int Min, int Max) Count()
    {
        _at++;
        var min = Number();
        var max = !Take(',') ? min : Next == '}' ? -1 : Number();
        if (Next != '}' || (max >= 0 && max < min))
        {
            throw Fault("has a malformed {m,n}");
        }

        _at++;
        return (min, max);
    }

    private int Number()
    {
        var value = 0;
        var start = _at;
        for (; Next is >= '0' and <= '9'; _at++)
        {
            value = (value * 10) + Next - '0';
            if (value > MostRepeats)
            {
                throw Fault($"repeats more than {MostRepeats} times");
            }
        }

        return _at > start ? value : throw Fault("has a malformed {m,n}");
    }

    private Func<int, int> One(CodePoints set)
    {
        var automaton = TextAutomaton.Build(0, state => state == 1, state => state == 0 ? set.Ranges.Select(range => (range.First, range.Last, 1)) : []);
        var machine = new StringMachine(automaton, 0, -1, isJson: false, _alphabet);
        return machine.IsEmpty ? throw Fault("has a class of characters without any that can be written") : next => _builder.Text(machine, next);
    }

    private CodePoints Class()
    {
        _at++;
        var isNegated = Take('^');
        var set = new CodePoints();
        while (Next != ']')
        {
            var first = Character();
            var last = first;
            if (Next == '-' && _at + 1 < _source.Length && _source[_at + 1] != ']')
            {
                _at++;
                last = Character();
            }

            set = last < first ? throw Fault("has a range in a class that is out of order") : set.Union(new((first, last)));
        }

        _at++;
        return isNegated ? set.Complement() : set;
    }

    private string Characters(char end)
    {
        var text = new StringBuilder();
        while (Next != end)
        {
            var letter = Character();
            text.Append(Rune.IsValid(letter) ? char.ConvertFromUtf32(letter) : throw Fault("has half a surrogate pair"));
        }

        _at++;
        return text.ToString();
    }

    private int Character()
    {
        if (IsAtEnd)
        {
            throw Fault("ends within quotes or brackets");
        }

        var letter = _source[_at++];
        if (letter != '\\')
        {
            return letter;
        }

        letter = Next;
        _at++;
        return letter switch
        {
            'n' => '\n',
            'r' => '\r',
            't' => '\t',
            'x' => Hex(2),
            'u' => Hex(4),
            'U' => Hex(8),
            '"' or '\\' or '[' or ']' or '-' or '^' or '/' or '.' => letter,
            _ => throw Fault("has an escape that is not known"),
        };
    }

    private int Hex(int digits)
    {
        if (_at + digits > _source.Length)
        {
            throw Fault($"has an escape with fewer than {digits} hexadecimal digits");
        }

        var text = string.Concat(_source[_at..(_at + digits)].Select(digit => Rune.IsValid(digit) ? char.ConvertFromUtf32(digit) : "?"));
        _at += digits;
        return int.TryParse(text, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var value) && value is >= 0 and <= CodePoints.Last
            ? value
            : throw Fault($"has an escape with fewer than {digits} hexadecimal digits");
    }

    private string Name()
    {
        var start = _at;
        while (Next is (>= 'a' and <= 'z') or (>= 'A' and <= 'Z') or (>= '0' and <= '9') or '-' or '_')
        {
            _at++;
        }

        return _at > start ? string.Concat(_source[start.._at].Select(letter => (char)letter)) : throw Fault("expects the name of a rule");
    }

    private int RuleOf(string name)
    {
        if (!_rules.TryGetValue(name, out var rule))
        {
            _rules[name] = rule = _rules.Count < MostRules ? _builder.Rule() : throw Fault($"has more than {MostRules} rules");
        }

        return rule;
    }

    private void Skip(bool lines)
    {
        while (Next is ' ' or '\t' or '#' || (lines && Next is ('\n' or '\r')))
        {
            if (Next == '#')
            {
                while (!IsAtEnd && Next is not ('\n' or '\r'))
                {
                    _at++;
                }
            }
            else
            {
                _at++;
            }
        }
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

    private ConstraintException Fault(string sentence) =>
        new($"The grammar {sentence} (line {_source.Take(_at).Count(letter => letter == '\n') + 1}, character {Math.Min(_at, _source.Length) + 1}).");
}
