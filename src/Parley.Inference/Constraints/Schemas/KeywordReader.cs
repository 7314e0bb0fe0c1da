using System.Collections.Frozen;
using System.Text.Json;

namespace Parley.Inference;

/// <summary>What the keywords of one schema object say by themselves, without the schemas that it applies to the same value.</summary>
internal sealed class KeywordReader(ShapeExpander expander, JsonElement schema, string pointer)
{
    private static readonly FrozenSet<string> Silent = FrozenSet.Create(
        StringComparer.Ordinal, "$schema", "$id", "$comment", "$defs", "definitions", "$anchor", "$vocabulary", "title", "description", "default", "examples", "example", "deprecated",
        "readOnly", "writeOnly", "contentEncoding", "contentMediaType", "contentSchema");

    private static readonly FrozenSet<string> Known = FrozenSet.Create(
        StringComparer.Ordinal, "type", "enum", "const", "$ref", "allOf", "anyOf", "oneOf", "not", "if", "then", "else", "minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum",
        "multipleOf", "minLength", "maxLength", "pattern", "format", "items", "prefixItems", "minItems", "maxItems", "uniqueItems", "contains", "minContains",
        "properties", "required", "additionalProperties", "patternProperties", "propertyNames", "minProperties", "maxProperties", "dependentRequired", "dependentSchemas",
        "unevaluatedProperties", "unevaluatedItems");

    private static readonly FrozenSet<string> Types = FrozenSet.Create(StringComparer.Ordinal, "null", "boolean", "integer", "number", "string", "array", "object");

    public static IEnumerable<(string Name, JsonElement Value)> Members(JsonElement value, string at) => value.ValueKind == JsonValueKind.Object
        ? value.EnumerateObject().Select(member => (member.Name, member.Value))
        : throw ConstraintException.At(at, "must be an object.");

    /// <exception cref="ConstraintException">A keyword is malformed or cannot be honoured.</exception>
    public ValueShape Read()
    {
        foreach (var keyword in schema.EnumerateObject())
        {
            if (!Known.Contains(keyword.Name) && !Silent.Contains(keyword.Name) && !keyword.Name.StartsWith("x-", StringComparison.Ordinal))
            {
                throw ConstraintException.At($"{pointer}/{SchemaReferences.Escape(keyword.Name)}", $"uses the keyword '{keyword.Name}', which is not supported; leave it out.");
            }
        }

        var types = ReadTypes();
        var isEverything = types.Count == 0;
        var shape = ValueShape.Anything with
        {
            Null = isEverything || types.Contains("null"),
            True = isEverything || types.Contains("boolean"),
            False = isEverything || types.Contains("boolean"),
            Numbers = isEverything || types.Contains("number") ? [Numbers()] : types.Contains("integer") ? [Numbers().Intersect(NumberSet.Integers)] : [],
            Texts = isEverything || types.Contains("string") ? [Text()] : [],
            Arrays = isEverything || types.Contains("array") ? [Array()] : [],
            Objects = isEverything || types.Contains("object") ? [Object()] : [],
        };
        shape = DependentRequired(shape);
        return Values() is { } literals ? literals.Intersect(shape, expander) : IsAnything(shape) ? ValueShape.Anything : shape;
    }

    private static bool IsAnything(ValueShape shape) =>
        shape is { Null: true, True: true, Numbers: [var numbers], Texts: [{ IsAny: true }], Arrays: [{ Parts.Count: 0 }], Objects: [{ Parts.Count: 0 }] } && numbers == NumberSet.All;

    private HashSet<string> ReadTypes()
    {
        JsonElement[] named = Get("type") switch
        {
            null => [],
            { ValueKind: JsonValueKind.Array } many => [.. many.EnumerateArray()],
            { } one => [one],
        };
        return [.. named.Select(type => type.ValueKind == JsonValueKind.String && Types.Contains(type.GetString()!)
            ? type.GetString()!
            : throw At("type", $"names the type {type.GetRawText()}; it must be one of {string.Join(", ", Types.Order())}."))];
    }

    private ValueShape? Values()
    {
        ValueShape? values = null;
        if (Get("enum") is { } listed)
        {
            values = listed.ValueKind == JsonValueKind.Array ? Literals(listed.EnumerateArray()) : throw At("enum", "must be an array of values.");
        }

        if (Get("const") is { } constant)
        {
            var one = Literals([constant]);
            values = values?.Intersect(one, expander) ?? one;
        }

        return values;
    }

    private static ValueShape Literals(IEnumerable<JsonElement> values)
    {
        var all = values.ToArray();
        return new()
        {
            Null = all.Any(value => value.ValueKind == JsonValueKind.Null),
            True = all.Any(value => value.ValueKind == JsonValueKind.True),
            False = all.Any(value => value.ValueKind == JsonValueKind.False),
            Literals = [.. all.Where(value => value.ValueKind is JsonValueKind.Number or JsonValueKind.String or JsonValueKind.Array or JsonValueKind.Object)],
        };
    }

    private NumberSet Numbers()
    {
        var set = NumberSet.All;
        set = Number("minimum") is { } least ? set.Intersect(NumberSet.From(least, exclusive: false)) : set;
        set = Number("exclusiveMinimum") is { } above ? set.Intersect(NumberSet.From(above, exclusive: true)) : set;
        set = Number("maximum") is { } most ? set.Intersect(NumberSet.To(most, exclusive: false)) : set;
        set = Number("exclusiveMaximum") is { } below ? set.Intersect(NumberSet.To(below, exclusive: true)) : set;
        set = Number("multipleOf") is { } multiple ? set.Intersect(new() { Multiple = Multiple(multiple) }) : set;
        return NumberFormats.Find(Get("format")) is { } format ? set.Intersect(format) : set;
    }

    // Validators compute with doubles: 0.07 is no multiple of 0.01 there. Only what binary fractions say exactly is the same for all.
    private ExactNumber Multiple(ExactNumber multiple) =>
        multiple.Digits.Sign <= 0 ? throw At("multipleOf", "must be a number above 0.")
        : ExactNumber.Of(multiple.Nearest) != multiple || multiple is { Scale: > 0, Digits: var digits } && digits > 2000
            ? throw At("multipleOf", $"asks for multiples of {multiple}, which binary floating point cannot tell exactly; use a whole number, or halves, quarters, eighths.")
        : multiple;

    private TextShape Text()
    {
        var language = TextAutomaton.Any;
        if (Get("pattern") is { } pattern)
        {
            language = Compile(TextOf(pattern, "pattern"), "pattern");
        }

        var text = new TextShape(language, Count("minLength") ?? 0, Count("maxLength") ?? -1);
        return Get("format") is not { } format ? text : StringFormats.Find(TextOf(format, "format")) switch
        {
            { } known => new(
                text.Language.Intersect(known.Language, expander.Budget),
                Math.Max(text.Min, known.Min),
                known.Max < 0 ? text.Max : text.Max < 0 ? known.Max : Math.Min(known.Max, text.Max)),
            null when NumberFormats.Names.Contains(format.GetString()!) => text,
            null => throw At("format", $"asks for the format '{format.GetString()}'; supported are {string.Join(", ", StringFormats.Names)}."),
        };
    }

    private ArrayShape Array()
    {
        if (Get("minContains") is not null && Count("minContains") is not 1)
        {
            throw At("minContains", "must be 1, or left out: other counts are not supported.");
        }

        RefuseUnevaluated("unevaluatedItems");
        var prefix = Get("prefixItems") is { } items ? Branches(items, "prefixItems") : [];
        var part = new ArrayPart
        {
            Pointer = pointer,
            Prefix = prefix,
            Rest = Of("items") ?? Of("unevaluatedItems") ?? Formula.Anything,
            Min = Count("minItems") ?? 0,
            Max = Count("maxItems") ?? -1,
            IsUnique = Get("uniqueItems") is { ValueKind: JsonValueKind.True },
            Contains = Of("contains"),
        };
        return part is { Prefix.Count: 0, Min: 0, Max: < 0, IsUnique: false, Contains: null } && part.Rest == Formula.Anything ? ArrayShape.Any : new([part]);
    }

    private ObjectShape Object()
    {
        RefuseUnevaluated("unevaluatedProperties");
        var part = new ObjectPart
        {
            Pointer = pointer,
            Properties = Get("properties") is not { } properties ? [] : [.. Members(properties, $"{pointer}/properties").Select(member =>
                (member.Name, Formula.Of(member.Value, $"{pointer}/properties/{SchemaReferences.Escape(member.Name)}")))],
            Required = Get("required") is { } required ? Names(required, "required") : [],
            Patterns = Get("patternProperties") is not { } patterns ? [] : [.. Members(patterns, $"{pointer}/patternProperties").Select(member =>
                (Compile(member.Name, "patternProperties"), Formula.Of(member.Value, $"{pointer}/patternProperties/{SchemaReferences.Escape(member.Name)}")))],
            Additional = Of("additionalProperties") ?? Of("unevaluatedProperties") ?? Formula.Anything,
            Names = Of("propertyNames") ?? Formula.Anything,
            Min = Count("minProperties") ?? 0,
            Max = Count("maxProperties") ?? -1,
        };
        var isAny = part is { Properties.Count: 0, Required.Count: 0, Patterns.Count: 0, Min: 0, Max: < 0 } && part.Additional == Formula.Anything && part.Names == Formula.Anything;
        return isAny ? ObjectShape.Any : new([part]);
    }

    // Each dependency is a choice: without the one name, or with it and all that it asks for.
    private ValueShape DependentRequired(ValueShape shape)
    {
        if (Get("dependentRequired") is not { } dependencies)
        {
            return shape;
        }

        foreach (var (name, needed) in Members(dependencies, $"{pointer}/dependentRequired"))
        {
            var with = new ObjectPart { Pointer = pointer, Required = [name, .. Names(needed, $"dependentRequired/{SchemaReferences.Escape(name)}")] };
            var without = new ObjectPart { Pointer = pointer, Properties = [(name, Formula.Nothing)] };
            shape = shape.Intersect(ValueShape.Anything with { Objects = [new([without]), new([with])] }, expander);
        }

        return shape;
    }

    // Without applied schemas, unevaluated means additional.
    private void RefuseUnevaluated(string keyword)
    {
        string[] applied = ["$ref", "allOf", "anyOf", "oneOf", "if", "not", "dependentSchemas", "contains"];
        if (Get(keyword) is { ValueKind: not JsonValueKind.True } && applied.Any(name => Get(name) is not null))
        {
            throw At(keyword, $"uses '{keyword}' beside schemas that are applied to the same value, which is not supported; use additionalProperties or items.");
        }
    }

    private TextAutomaton Compile(string pattern, string keyword)
    {
        try
        {
            return PatternCompiler.Compile(PatternParser.Parse(pattern), full: false, expander.Budget);
        }
        catch (ConstraintException error)
        {
            throw new ConstraintException($"The schema at '{pointer}/{keyword}': {error.Message}", $"{pointer}/{keyword}");
        }
    }

    private Formula? Of(string keyword) => Get(keyword) is { } value ? Formula.Of(value, $"{pointer}/{keyword}") : null;

    private Formula[] Branches(JsonElement list, string keyword) => list.ValueKind == JsonValueKind.Array
        ? [.. list.EnumerateArray().Select((branch, i) => Formula.Of(branch, $"{pointer}/{keyword}/{i}"))]
        : throw At(keyword, "must be an array of schemas.");

    private string[] Names(JsonElement list, string keyword) => list.ValueKind == JsonValueKind.Array
        ? [.. list.EnumerateArray().Select(name => TextOf(name, keyword))]
        : throw At(keyword, "must be an array of names.");

    private ExactNumber? Number(string keyword) => Get(keyword) is not { } value ? null
        : value.ValueKind == JsonValueKind.Number && ExactNumber.Parse(value.GetRawText()) is { } number ? number
        : throw At(keyword, "must be a number of ordinary size.");

    private int? Count(string keyword)
    {
        if (Number(keyword) is not { } number)
        {
            return null;
        }

        return !number.IsInteger || number.IsNegative ? throw At(keyword, "must be a whole number, 0 or more.")
            : number.Digits <= int.MaxValue ? (int)number.Digits
            : keyword.StartsWith("max", StringComparison.Ordinal) ? int.MaxValue
            : throw At(keyword, $"asks for {number}, more than any answer has.");
    }

    private JsonElement? Get(string keyword) => schema.TryGetProperty(keyword, out var value) ? value : null;

    private string TextOf(JsonElement value, string keyword) => value.ValueKind == JsonValueKind.String ? value.GetString()! : throw At(keyword, "must be a string.");

    private ConstraintException At(string keyword, string sentence) => ConstraintException.At($"{pointer}/{keyword}", sentence);
}
