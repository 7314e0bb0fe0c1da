using System.Text.Json;

namespace Parley.Inference;

/// <summary>
/// Which values are meant, before anything is worked out: schemas by their place, combined. Equal keys are equal formulas, so recursion through
/// <c>$ref</c> comes back to a formula that is known. Immutable.
/// </summary>
internal sealed class Formula
{
    private const int LongestKey = 20_000;

    private Formula(FormulaKind kind, string key, IReadOnlyList<Formula> parts, JsonElement schema = default) =>
        (Kind, Key, Parts, Schema) = (kind, key.Length <= LongestKey ? key : throw TooLarge(), parts, schema);

    public static Formula Anything { get; } = new(FormulaKind.All, "&()", []);

    public static Formula Nothing { get; } = new(FormulaKind.Any, "|()", []);

    public FormulaKind Kind { get; }

    /// <summary>For a schema its JSON pointer.</summary>
    public string Key { get; }

    public IReadOnlyList<Formula> Parts { get; }

    public JsonElement Schema { get; }

    public static Formula Of(JsonElement schema, string pointer) => schema.ValueKind switch
    {
        JsonValueKind.True => Anything,
        JsonValueKind.False => Nothing,
        JsonValueKind.Object => new(FormulaKind.Schema, pointer, [], schema),
        _ => throw ConstraintException.At(pointer, "is no schema; a schema is an object, true or false."),
    };

    public static Formula All(params IEnumerable<Formula> parts) => Join(FormulaKind.All, parts, Anything, Nothing);

    public static Formula Any(params IEnumerable<Formula> parts) => Join(FormulaKind.Any, parts, Nothing, Anything);

    public static Formula Not(Formula part) =>
        part == Anything ? Nothing : part == Nothing ? Anything : part.Kind == FormulaKind.Not ? part.Parts[0] : new(FormulaKind.Not, $"!{part.Key}", [part]);

    private static Formula Join(FormulaKind kind, IEnumerable<Formula> parts, Formula neutral, Formula absorbing)
    {
        var flat = parts.SelectMany(part => part.Kind == kind ? part.Parts : [part]).DistinctBy(part => part.Key).ToArray();
        return flat.Contains(absorbing) ? absorbing
            : flat.Length switch
            {
                0 => neutral,
                1 => flat[0],
                _ => new(kind, $"{(kind == FormulaKind.All ? '&' : '|')}({string.Join(',', flat.Select(part => part.Key))})", flat),
            };
    }

    private static ConstraintException TooLarge() => new("The schema combines too many schemas for one value; make it simpler.");
}

internal enum FormulaKind
{
    Schema,
    Not,
    All,
    Any,
}
