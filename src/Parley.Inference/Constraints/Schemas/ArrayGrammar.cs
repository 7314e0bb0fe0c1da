using System.Text.Json;

namespace Parley.Inference;

/// <summary>One array shape as a piece of a grammar.</summary>
internal sealed class ArrayGrammar(SchemaGrammar grammar, ArrayShape array)
{
    /// <summary>Counts beyond it are not written out.</summary>
    private const int MostWrittenOut = 64;

    /// <summary>Different items that may be kept apart.</summary>
    private const int MostUnique = 8;

    private readonly GrammarBuilder _builder = grammar.Parts.Builder;
    private readonly string _pointer = array.Parts.Select(part => part.Pointer).FirstOrDefault("");

    /// <exception cref="ConstraintException">It cannot be honoured exactly.</exception>
    public int Write(int next)
    {
        if (array.Parts.Count == 0)
        {
            return grammar.Parts.AnyArray(next);
        }

        var close = grammar.Parts.Byte(']', next);
        var contained = array.Parts.Select(part => part.Contains).OfType<Formula>().ToArray();
        var body = array.IsUnique && array.Max is < 0 or > 1 ? Unique(contained, close)
            : contained.Length > 0 ? Containing(contained, close)
            : Plain(close);
        return grammar.Parts.Byte('[', body);
    }

    private int Plain(int close)
    {
        var (min, max, length) = (array.Min, array.Max, array.PrefixLength);
        if (max >= 0 && max < min)
        {
            return _builder.Either();
        }

        var rest = grammar.RuleOf(array.Item(length));
        var next = max >= 0 && max <= length ? -1 : Items(rest, length == 0, Math.Max(0, min - length), max < 0 ? -1 : max - length, close);
        for (var at = Math.Min(length, max < 0 ? length : max); at >= 0; at--)
        {
            var ways = new List<int>();
            if (at == length && next >= 0)
            {
                continue;
            }

            if (at >= min)
            {
                ways.Add(close);
            }

            if (next >= 0)
            {
                var item = _builder.Call(grammar.RuleOf(array.Item(at)), next);
                ways.Add(at > 0 ? grammar.Parts.Comma(item) : item);
            }

            next = _builder.Either(ways);
        }

        return next;
    }

    // Items up to the first that is of the wanted kind, that one, and the rest; how many stand before it is written out as far as counts matter.
    private int Containing(Formula[] contained, int close)
    {
        var (min, max) = (array.Min, array.Max);
        var counted = max >= 0 ? max : Math.Max(0, min - 1);
        if (array.PrefixLength > 0 || contained.Length > 1 || counted > MostWrittenOut)
        {
            throw ConstraintException.At($"{_pointer}/contains", $"uses contains with prefixItems, with another contains, or with counts above {MostWrittenOut}, which is not supported.");
        }

        var item = grammar.RuleOf(array.Item(0));
        var wanted = grammar.RuleOf(Formula.All(array.Item(0), contained[0]));
        var ways = new List<int>();
        for (var before = 0; before < counted; before++)
        {
            var after = Items(item, false, Math.Max(0, min - 1 - before), max < 0 ? -1 : max - 1 - before, close);
            ways.Add(Before(item, before, before, wanted, after));
        }

        if (max < 0)
        {
            ways.Add(Before(item, counted, -1, wanted, Items(item, false, 0, -1, close)));
        }

        return _builder.Either(ways);
    }

    private int Before(int item, int min, int max, int wanted, int after)
    {
        var first = _builder.Call(wanted, after);
        var later = Items(item, true, Math.Max(1, min), max, grammar.Parts.Comma(first));
        return max == 0 ? first : min == 0 ? _builder.Either(first, later) : later;
    }

    // Which of a few values were written already is remembered place by place.
    private int Unique(Formula[] contained, int close)
    {
        var shape = grammar.Expander.Expand(array.Item(0));
        var values = Distinct(shape);
        if (array.PrefixLength > 0 || contained.Length > 0 || values is null || values.Count > MostUnique)
        {
            throw ConstraintException.At($"{_pointer}/uniqueItems", $"asks for items that all differ, which is supported where they are one of at most {MostUnique} values (enum); leave it out.");
        }

        var rules = values.Select(value => _builder.Rule(grammar.Parts.Value(value, GrammarBuilder.End))).ToArray();
        var nodes = new int[1 << rules.Length];
        for (var written = nodes.Length - 1; written >= 0; written--)
        {
            var count = System.Numerics.BitOperations.PopCount((uint)written);
            var ways = new List<int>();
            if (count >= array.Min)
            {
                ways.Add(close);
            }

            for (var i = 0; i < rules.Length && (array.Max < 0 || count < array.Max); i++)
            {
                if ((written & (1 << i)) == 0)
                {
                    var item = _builder.Call(rules[i], nodes[written | (1 << i)]);
                    ways.Add(count > 0 ? grammar.Parts.Comma(item) : item);
                }
            }

            nodes[written] = _builder.Either(ways);
        }

        return nodes[0];
    }

    private static List<JsonElement>? Distinct(ValueShape shape)
    {
        if (shape.Numbers.Count + shape.Texts.Count + shape.Arrays.Count + shape.Objects.Count > 0)
        {
            return null;
        }

        var values = new List<JsonElement>();
        foreach (var value in shape.Literals)
        {
            if (!values.Exists(known => JsonElement.DeepEquals(known, value)))
            {
                values.Add(value);
            }
        }

        using var words = JsonDocument.Parse("[null,true,false]");
        bool[] has = [shape.Null, shape.True, shape.False];
        values.AddRange(words.RootElement.Clone().EnumerateArray().Where((_, i) => has[i]));
        return values;
    }

    private int Items(int rule, bool isFirst, int min, int max, int next)
    {
        if (max >= 0 && max < min)
        {
            return _builder.Either();
        }

        var later = _builder.Rule(grammar.Parts.Comma(_builder.Call(rule, GrammarBuilder.End)));
        return _builder.Repeat(isFirst ? rule : later, later, min, max, next);
    }
}
