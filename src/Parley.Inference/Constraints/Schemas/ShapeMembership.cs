using System.Text.Json;

namespace Parley.Inference;

/// <summary>Whether a given value is among a shape's: what decides which values of an enum the other keywords leave.</summary>
internal sealed class ShapeMembership(ShapeExpander expander)
{
    public bool Has(ValueShape shape, JsonElement value) => shape.Literals.Any(literal => JsonElement.DeepEquals(literal, value)) || value.ValueKind switch
    {
        JsonValueKind.Null => shape.Null,
        JsonValueKind.True => shape.True,
        JsonValueKind.False => shape.False,
        JsonValueKind.Number => ExactNumber.Parse(value.GetRawText()) is { } number && shape.Numbers.Any(set => set.Has(number)),
        JsonValueKind.String => shape.Texts.Any(text => new TextLengths(text.Language, text.Min, text.Max).Accepts(value.GetString()!)),
        JsonValueKind.Array => shape.Arrays.Any(array => array.Parts.All(part => Has(part, [.. value.EnumerateArray()]))),
        _ => shape.Objects.Any(one => one.Parts.All(part => Has(part, [.. value.EnumerateObject()]))),
    };

    private bool Has(ArrayPart part, JsonElement[] items) =>
        items.Length >= part.Min && (part.Max < 0 || items.Length <= part.Max)
        && items.Index().All(item => Has(item.Index < part.Prefix.Count ? part.Prefix[item.Index] : part.Rest, item.Item))
        && (part.Contains is not { } contained || items.Any(item => Has(contained, item)))
        && (!part.IsUnique || items.Index().All(item => items.Take(item.Index).All(other => !JsonElement.DeepEquals(other, item.Item))));

    private bool Has(ObjectPart part, JsonProperty[] members) =>
        members.Length >= part.Min && (part.Max < 0 || members.Length <= part.Max)
        && part.Required.All(name => members.Any(member => member.Name == name))
        && members.All(member => Has(part.Member(member.Name, expander), member.Value));

    private bool Has(Formula formula, JsonElement value) => formula == Formula.Anything || Has(expander.Expand(formula), value);
}
