using System.Text.Json;

namespace Parley.Inference;

/// <summary>Shapes to rules: one rule a formula, written when it is first called for, so recursion closes on itself.</summary>
internal sealed class SchemaGrammar(JsonParts parts, ShapeExpander expander)
{
    private readonly Dictionary<string, int> _rules = new(StringComparer.Ordinal);
    private readonly Queue<(Formula Formula, int Rule)> _open = [];

    public JsonParts Parts { get; } = parts;

    public ShapeExpander Expander { get; } = expander;

    /// <summary>The rule of a whole document.</summary>
    public int Write(Formula root)
    {
        var start = RuleOf(root);
        while (_open.TryDequeue(out var next))
        {
            var place = next.Formula.Kind == FormulaKind.Schema ? next.Formula.Key : "";
            try
            {
                Parts.Builder.Write(next.Rule, Write(Expander.Expand(next.Formula)));
            }
            catch (ConstraintException error) when (error.Pointer.Length == 0 && place.Length > 0)
            {
                throw new ConstraintException($"The schema at '{place}': {error.Message}", place);
            }
        }

        return start;
    }

    public int RuleOf(Formula formula)
    {
        if (formula == Formula.Anything)
        {
            return Parts.AnyValue();
        }

        if (!_rules.TryGetValue(formula.Key, out var rule))
        {
            _rules[formula.Key] = rule = Parts.Builder.Rule();
            _open.Enqueue((formula, rule));
        }

        return rule;
    }

    private int Write(ValueShape shape)
    {
        const int End = GrammarBuilder.End;
        var builder = Parts.Builder;
        if (ReferenceEquals(shape, ValueShape.Anything))
        {
            return builder.Call(Parts.AnyValue(), End);
        }

        var ways = new List<int>();
        if (shape.Null)
        {
            ways.Add(builder.Literal("null", End));
        }

        if (shape.True)
        {
            ways.Add(builder.Literal("true", End));
        }

        if (shape.False)
        {
            ways.Add(builder.Literal("false", End));
        }

        ways.AddRange(shape.Numbers.Select(set => new NumberMachine(set, Parts.Alphabet)).Where(machine => !machine.IsEmpty).Select(machine => builder.Text(machine, End)));
        ways.AddRange(shape.Texts.Select(text => Parts.Texts(text)).Where(machine => !machine.IsEmpty).Select(machine => Parts.Quoted(machine, End)));
        ways.Add(Parts.Words(shape.Literals.Where(value => value.ValueKind == JsonValueKind.String).SelectMany(value => JsonParts.Spellings(value.GetString()!)), End));
        ways.AddRange(shape.Literals.Where(value => value.ValueKind != JsonValueKind.String).Select(value => Parts.Value(value, End)));
        ways.AddRange(shape.Arrays.Select(array => new ArrayGrammar(this, array).Write(End)));
        ways.AddRange(shape.Objects.Select(one => new ObjectGrammar(this, one).Write(End)));
        return builder.Either(ways);
    }
}
