namespace Parley.Inference;

/// <summary>
/// One object shape as a piece of a grammar: the named members in the schema's order, those that are not required left out at will, then members
/// with other names.
/// </summary>
internal sealed class ObjectGrammar(SchemaGrammar grammar, ObjectShape one)
{
    /// <summary>Places where both the member and the count matter, at most.</summary>
    private const int MostCounted = 20_000;

    /// <summary>Patterns of names that are kept apart, at most: each may double the kinds of names.</summary>
    private const int MostPatterns = 6;

    private readonly GrammarBuilder _builder = grammar.Parts.Builder;
    private readonly string _pointer = one.Parts.Select(part => part.Pointer).FirstOrDefault("");

    /// <exception cref="ConstraintException">It cannot be honoured exactly.</exception>
    public int Write(int next)
    {
        if (one.Parts.Count == 0)
        {
            return grammar.Parts.AnyObject(next);
        }

        var required = one.Required.ToHashSet(StringComparer.Ordinal);
        var names = one.Names.ToArray();
        var members = names.Select(name => (Name: name, Value: one.Member(name, grammar.Expander), IsRequired: required.Contains(name)))
            .Where(member => member.Value != Formula.Nothing || member.IsRequired).ToArray();
        var free = FreeMember(names);
        var (min, max) = (one.Min, one.Max);
        if (free >= 0 && min - required.Count >= 2)
        {
            throw ConstraintException.At($"{_pointer}/minProperties", "asks for several members whose names are not given, and that they differ cannot be ensured; name them in properties and required.");
        }

        if (max >= 0 && max < Math.Max(min, required.Count))
        {
            return _builder.Either();
        }

        // Counts beyond it are all alike; 0: none matters.
        var counts = max >= 0 ? Math.Min(max, members.Length + 1) : min > required.Count ? min : 0;
        return (long)counts * members.Length > MostCounted
            ? throw ConstraintException.At(_pointer, "counts members (minProperties, maxProperties) among too many names; leave the counts out.")
            : grammar.Parts.Byte('{', Members(members, counts, free, grammar.Parts.Byte('}', next)));
    }

    // place[c] is where c members are written (the last one: so many or more), for the member that is next; from the last to the first.
    private int Members((string Name, Formula Value, bool IsRequired)[] members, int counts, int free, int close)
    {
        // A count of 0 tells that no comma is due, so there are always at least two places.
        var (min, max, places) = (one.Min, one.Max, Math.Max(counts, 1) + 1);
        var next = new int[places];
        for (var count = 0; count < places; count++)
        {
            next[count] = Rest(count, counts == 0 ? 0 : Math.Max(0, min - count), max < 0 ? -1 : Math.Max(0, max - count), free, close);
        }

        foreach (var (name, value, isRequired) in members.Reverse())
        {
            var rule = grammar.RuleOf(value);
            var here = new int[places];
            for (var count = 0; count < places; count++)
            {
                var ways = new List<int>();
                if (max < 0 || count < max)
                {
                    var member = grammar.Parts.Literal(name, grammar.Parts.Colon(_builder.Call(rule, next[Math.Min(count + 1, places - 1)])));
                    ways.Add(count > 0 ? grammar.Parts.Comma(member) : member);
                }

                if (!isRequired)
                {
                    ways.Add(next[count]);
                }

                here[count] = _builder.Either(ways);
            }

            next = here;
        }

        return next[0];
    }

    private int Rest(int count, int min, int max, int free, int close)
    {
        if (free < 0)
        {
            return min > 0 ? _builder.Either() : close;
        }

        var later = _builder.Rule(grammar.Parts.Comma(_builder.Call(free, GrammarBuilder.End)));
        return _builder.Repeat(count == 0 ? free : later, later, min, max, close);
    }

    // The rule of a member with a name that is not given; below 0 when there is none. Names are sorted by the patterns that they match.
    private int FreeMember(string[] names)
    {
        var expander = grammar.Expander;
        if (one.Parts.Any(part => part.Additional == Formula.Nothing && part.Patterns.Count == 0))
        {
            return -1;
        }

        var patterns = one.Parts.SelectMany(part => part.Patterns).Select(pattern => pattern.Names).ToArray();
        if (patterns.Length > MostPatterns)
        {
            throw ConstraintException.At($"{_pointer}/patternProperties", $"sorts names by more than {MostPatterns} patterns, which is not supported.");
        }

        var kinds = AllowedNames(names).Select(language => (Language: language, Matched: new HashSet<TextAutomaton>())).ToList();
        foreach (var pattern in patterns)
        {
            var others = pattern.Complement(expander.Budget);
            kinds = [.. kinds.SelectMany(kind => new[]
            {
                (kind.Language with { Language = kind.Language.Language.Intersect(pattern, expander.Budget) }, new HashSet<TextAutomaton>(kind.Matched) { pattern }),
                (kind.Language with { Language = kind.Language.Language.Intersect(others, expander.Budget) }, kind.Matched),
            }).Where(kind => !kind.Item1.Language.IsEmpty)];
        }

        var ways = new List<int>();
        foreach (var (language, matched) in kinds)
        {
            var value = Formula.All(one.Parts.Select(part => Free(part, matched)));
            var machine = grammar.Parts.Texts(language);
            if (value != Formula.Nothing && !machine.IsEmpty)
            {
                ways.Add(grammar.Parts.Quoted(machine, grammar.Parts.Colon(_builder.Call(grammar.RuleOf(value), GrammarBuilder.End))));
            }
        }

        return ways.Count == 0 ? -1 : _builder.Rule(_builder.Either(ways));
    }

    private static Formula Free(ObjectPart part, HashSet<TextAutomaton> matched)
    {
        Formula[] values = [.. part.Patterns.Where(pattern => matched.Contains(pattern.Names)).Select(pattern => pattern.Value)];
        return values.Length > 0 ? Formula.All(values) : part.Additional;
    }

    private IEnumerable<TextShape> AllowedNames(string[] names)
    {
        var expander = grammar.Expander;
        IEnumerable<TextShape> allowed = [new(names.Length == 0 ? TextAutomaton.Any : WordAutomaton.Of(names, expander.Budget).Complement(expander.Budget))];
        foreach (var part in one.Parts.Where(part => part.Names != Formula.Anything))
        {
            allowed = new ValueShape { Texts = [.. allowed] }.Intersect(new ValueShape { Texts = expander.TextsOf(part.Names) }, expander).Texts;
        }

        return allowed;
    }
}
