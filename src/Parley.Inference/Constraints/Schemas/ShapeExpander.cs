using System.Text.Json;

namespace Parley.Inference;

/// <summary>
/// Works formulas out to shapes, each once. Recursion that goes through members of arrays and objects ends, as those stay formulas; a schema that
/// refers to itself without is refused.
/// </summary>
internal sealed class ShapeExpander(JsonElement root, WorkBudget budget)
{
    private const int MostFormulas = 20_000;
    private const int Deepest = 200;

    private readonly Dictionary<string, ValueShape?> _known = new(StringComparer.Ordinal); // null: on the way
    private readonly HashSet<string> _asked = new(StringComparer.Ordinal);
    private readonly SchemaReferences _references = new(root);
    private int _depth;

    public WorkBudget Budget { get; } = budget;

    /// <exception cref="ConstraintException">It cannot be worked out exactly.</exception>
    public ValueShape Expand(Formula formula)
    {
        if (_known.TryGetValue(formula.Key, out var known))
        {
            return known ?? throw ConstraintException.At(PlaceOf(formula), "refers to itself without any array or object in between, so it says nothing.");
        }

        if (_known.Count > MostFormulas || _depth > Deepest)
        {
            throw ConstraintException.At(PlaceOf(formula), "is too deep, or combined in too many ways; make it simpler.");
        }

        _known[formula.Key] = null;
        _depth++;
        try
        {
            var shape = formula.Kind switch
            {
                FormulaKind.Schema => OfSchema(formula),
                FormulaKind.Not => new ShapeComplement(this, PlaceOf(formula)).Of(Expand(formula.Parts[0])),
                FormulaKind.All => formula.Parts.Aggregate(ValueShape.Anything, (all, part) => all.Intersect(Expand(part), this)),
                _ => formula.Parts.Aggregate(ValueShape.Nothing, (any, part) => any.Union(Expand(part))),
            };
            _known[formula.Key] = shape;
            return shape;
        }
        catch
        {
            _known.Remove(formula.Key);
            throw;
        }
        finally
        {
            _depth--;
        }
    }

    /// <summary>The strings of a formula that is about names.</summary>
    public IReadOnlyList<TextShape> TextsOf(Formula names)
    {
        var shape = Expand(names);
        return [.. shape.Texts, .. shape.Literals.Where(value => value.ValueKind == JsonValueKind.String).Select(value => new TextShape(WordAutomaton.Of([value.GetString()!])))];
    }

    /// <summary>Whether a value is one of a shape's.</summary>
    public bool Has(ValueShape shape, JsonElement value) => new ShapeMembership(this).Has(shape, value);

    /// <summary>Surely no value at all; false says nothing.</summary>
    public bool IsEmpty(Formula formula)
    {
        if (!_asked.Add(formula.Key))
        {
            return false;
        }

        try
        {
            return IsEmpty(Expand(formula));
        }
        catch (ConstraintException)
        {
            // It may be on the way, or refused where it is needed; either way nothing is known of it here.
            return false;
        }
        finally
        {
            _asked.Remove(formula.Key);
        }
    }

    public bool IsEmpty(ValueShape shape) =>
        shape is { Null: false, True: false, False: false, Numbers.Count: 0, Texts.Count: 0, Literals.Count: 0 }
        && shape.Arrays.All(array => array.IsEmpty || Enumerable.Range(0, Math.Min(array.Min, 64)).Any(i => IsEmpty(array.Item(i))))
        && shape.Objects.All(one => (one.Max >= 0 && one.Max < Math.Max(one.Min, one.Required.Count())) || one.Required.Any(name => IsEmpty(one.Member(name, this))));

    private ValueShape OfSchema(Formula formula)
    {
        var (schema, pointer) = (formula.Schema, formula.Key);
        var shape = new KeywordReader(this, schema, pointer).Read();
        foreach (var applied in Applied(schema, pointer))
        {
            shape = shape.Intersect(Expand(applied), this);
        }

        return shape;
    }

    // Keywords that apply other schemas to the very same value.
    private IEnumerable<Formula> Applied(JsonElement schema, string pointer)
    {
        foreach (var keyword in schema.EnumerateObject())
        {
            var at = $"{pointer}/{keyword.Name}";
            switch (keyword.Name)
            {
                case "$ref":
                    yield return _references.Resolve(keyword.Value, at);
                    break;
                case "allOf":
                    yield return Formula.All(Branches(keyword.Value, at));
                    break;
                case "anyOf":
                    yield return Formula.Any(Branches(keyword.Value, at));
                    break;
                case "oneOf":
                    yield return OneOf(Branches(keyword.Value, at));
                    break;
                case "not":
                    yield return Formula.Not(Formula.Of(keyword.Value, at));
                    break;
                case "if":
                    yield return Conditional(schema, pointer, Formula.Of(keyword.Value, at));
                    break;
                case "dependentSchemas":
                    foreach (var dependent in KeywordReader.Members(keyword.Value, at))
                    {
                        yield return Formula.Any(Presence.Absent(dependent.Name), Formula.All(Presence.Present(dependent.Name), Formula.Of(dependent.Value, $"{at}/{SchemaReferences.Escape(dependent.Name)}")));
                    }

                    break;
            }
        }
    }

    private static Formula Conditional(JsonElement schema, string pointer, Formula condition)
    {
        var then = schema.TryGetProperty("then", out var yes) ? Formula.Of(yes, $"{pointer}/then") : Formula.Anything;
        var otherwise = schema.TryGetProperty("else", out var no) ? Formula.Of(no, $"{pointer}/else") : Formula.Anything;
        return then == Formula.Anything && otherwise == Formula.Anything ? Formula.Anything
            : Formula.Any(Formula.All(condition, then), Formula.All(Formula.Not(condition), otherwise));
    }

    // Branches that share no value are simply alternatives; of others each must exclude the rest.
    private Formula OneOf(IReadOnlyList<Formula> branches) => Formula.Any(branches.Select((branch, i) => Formula.All(
        [branch, .. branches.Where((other, j) => j != i && !AreDisjoint(branch, other)).Select(Formula.Not)])));

    private bool AreDisjoint(Formula a, Formula b) => IsEmpty(Expand(a).Intersect(Expand(b), this));

    private static Formula[] Branches(JsonElement list, string pointer) => list.ValueKind == JsonValueKind.Array && list.GetArrayLength() > 0
        ? [.. list.EnumerateArray().Select((branch, i) => Formula.Of(branch, $"{pointer}/{i}"))]
        : throw ConstraintException.At(pointer, "must be an array of schemas, at least one.");

    private static string PlaceOf(Formula formula) => formula.Kind == FormulaKind.Schema ? formula.Key : formula.Parts.Count > 0 ? PlaceOf(formula.Parts[0]) : "";
}
