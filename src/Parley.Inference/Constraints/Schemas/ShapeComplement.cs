using System.Text.Json;

namespace Parley.Inference;

/// <summary>The values that a shape has not, where that can be said exactly; else a refusal.</summary>
internal sealed class ShapeComplement(ShapeExpander expander, string pointer)
{
    /// <exception cref="ConstraintException">It cannot be said exactly.</exception>
    public ValueShape Of(ValueShape shape)
    {
        if (shape.Literals.Any(value => value.ValueKind is JsonValueKind.Array or JsonValueKind.Object))
        {
            throw Refused("an array or object of an enum or const");
        }

        var numbers = shape.Numbers.Select(set => set.Complement() ?? throw Refused("integers or multiples"))
            .Concat(shape.Literals.Where(value => value.ValueKind == JsonValueKind.Number).Select(Others));
        var words = shape.Literals.Where(value => value.ValueKind == JsonValueKind.String).Select(value => value.GetString()!).ToArray();
        var texts = shape.Texts.Append(new TextShape(WordAutomaton.Of(words))).Select(Complement);
        return new ValueShape
        {
            Null = !shape.Null,
            True = !shape.True,
            False = !shape.False,
            Numbers = Product(numbers, excluded => new() { Numbers = excluded }).Numbers,
            Texts = Product(texts, excluded => new() { Texts = excluded }).Texts,
            Arrays = Product(shape.Arrays.Select(Complement), excluded => new() { Arrays = excluded }).Arrays,
            Objects = Product(shape.Objects.Select(Complement), excluded => new() { Objects = excluded }).Objects,
        };
    }

    // What is outside of every alternative.
    private ValueShape Product<T>(IEnumerable<IReadOnlyList<T>> complements, Func<IReadOnlyList<T>, ValueShape> of) =>
        complements.Aggregate(ValueShape.Anything, (left, complement) => left.Intersect(of(complement), expander));

    private static NumberSet[] Others(JsonElement value) =>
        ExactNumber.Parse(value.GetRawText()) is { } number ? [NumberSet.To(number, exclusive: true), NumberSet.From(number, exclusive: true)] : [NumberSet.All];

    private IReadOnlyList<TextShape> Complement(TextShape text)
    {
        var parts = new List<TextShape>();
        if (!text.Language.IsAny)
        {
            parts.Add(new(text.Language.Complement(expander.Budget)));
        }

        if (text.Min > 0)
        {
            parts.Add(new(TextAutomaton.Any, 0, text.Min - 1));
        }

        if (text.Max >= 0)
        {
            parts.Add(new(TextAutomaton.Any, text.Max + 1));
        }

        return parts;
    }

    private IReadOnlyList<ArrayShape> Complement(ArrayShape array)
    {
        var parts = new List<ArrayPart>();
        foreach (var part in array.Parts)
        {
            if (part.Prefix.Count > 0 || part.IsUnique || part.Contains is not null)
            {
                throw Refused("arrays with prefixItems, uniqueItems or contains");
            }

            if (part.Rest != Formula.Anything)
            {
                parts.Add(new() { Pointer = part.Pointer, Contains = Formula.Not(part.Rest) });
            }

            if (part.Min > 0)
            {
                parts.Add(new() { Pointer = part.Pointer, Max = part.Min - 1 });
            }

            if (part.Max >= 0)
            {
                parts.Add(new() { Pointer = part.Pointer, Min = part.Max + 1 });
            }
        }

        return [.. parts.Select(part => new ArrayShape([part]))];
    }

    private IReadOnlyList<ObjectShape> Complement(ObjectShape one)
    {
        var parts = new List<ObjectPart>();
        foreach (var part in one.Parts)
        {
            if (part.Patterns.Count > 0 || part.Additional != Formula.Anything || part.Names != Formula.Anything)
            {
                throw Refused("objects with patternProperties, additionalProperties or propertyNames");
            }

            parts.AddRange(part.Required.Select(name => new ObjectPart { Pointer = part.Pointer, Properties = [(name, Formula.Nothing)] }));
            parts.AddRange(part.Properties.Where(property => property.Value != Formula.Anything).Select(property =>
                new ObjectPart { Pointer = part.Pointer, Properties = [(property.Name, Formula.Not(property.Value))], Required = [property.Name] }));
            if (part.Min > 0)
            {
                parts.Add(new() { Pointer = part.Pointer, Max = part.Min - 1 });
            }

            if (part.Max >= 0)
            {
                parts.Add(new() { Pointer = part.Pointer, Min = part.Max + 1 });
            }
        }

        return [.. parts.Select(part => new ObjectShape([part]))];
    }

    private ConstraintException Refused(string what) =>
        ConstraintException.At(pointer, $"has to be excluded here (not, oneOf or if), and {what} cannot be excluded exactly; say what is allowed instead.");
}
