using System.Text.Json;
using Parley.Protocol.Errors;
using Parley.Protocol.Generation;

namespace Parley.Host.Endpoints.OpenAI;

/// <summary>
/// What answers must look like, from the wire: OpenAI's response_format, and vLLM's guided_regex, guided_choice and guided_grammar. At most one of
/// them. Whether it can be honoured, the replica finds out.
/// </summary>
internal static class ConstraintParameters
{
    private const string Format = "response_format";

    /// <summary>Null where none is asked for.</summary>
    /// <exception cref="ParleyException">400 naming the parameter.</exception>
    public static GenerationConstraint? Read(ParameterReader reader)
    {
        GenerationConstraint?[] asked = [ReadFormat(reader), ReadRegex(reader), ReadChoice(reader), ReadGrammar(reader)];
        GenerationConstraint[] given = [.. asked.OfType<GenerationConstraint>()];
        return given.Length <= 1 ? given.FirstOrDefault() : throw ParleyException.InvalidRequest(
            $"'{given[0].Parameter}' and '{given[1].Parameter}' both say what the answer must look like; send one of them.", given[1].Parameter, "invalid_value");
    }

    private static GenerationConstraint? ReadFormat(ParameterReader reader)
    {
        if (reader.Take(Format) is not { } element)
        {
            return null;
        }

        var format = new ParameterReader(element, Format);
        var type = format.RequireString("type");
        GenerationConstraint? constraint = type switch
        {
            "text" => null,
            "json_object" => new GenerationConstraint.JsonObject(Format),
            "json_schema" => ReadSchema(format.Require("json_schema")),
            _ => throw ParleyException.InvalidRequest($"'{Format}.type' is '{type}'; it must be text, json_object or json_schema.", $"{Format}.type", "invalid_value"),
        };
        format.RefuseLeft();
        return constraint;
    }

    // strict true and false get the same: the schema is always honoured. Name and description are for people.
    private static GenerationConstraint.JsonSchema ReadSchema(JsonElement element)
    {
        var reader = new ParameterReader(element, $"{Format}.json_schema");
        reader.RequireString("name");
        reader.String("description");
        reader.Boolean("strict");
        var schema = reader.Require("schema");
        reader.RefuseLeft();
        return schema.ValueKind is JsonValueKind.Object or JsonValueKind.True or JsonValueKind.False
            ? new GenerationConstraint.JsonSchema(schema.GetRawText(), Format)
            : throw ParameterReader.WrongType(reader.PathOf("schema"), "an object", schema);
    }

    private static GenerationConstraint.Regex? ReadRegex(ParameterReader reader) =>
        reader.String("guided_regex") is { } pattern ? new(pattern, "guided_regex") : null;

    private static GenerationConstraint.Grammar? ReadGrammar(ParameterReader reader) =>
        reader.String("guided_grammar") is { } rules ? new(rules, "guided_grammar") : null;

    private static GenerationConstraint.Choice? ReadChoice(ParameterReader reader) => reader.Take("guided_choice") switch
    {
        null => null,
        { ValueKind: JsonValueKind.Array } texts => new([.. texts.EnumerateArray().Select((text, i) => ParameterReader.StringOf(text, $"guided_choice[{i}]"))], "guided_choice"),
        { } other => throw ParameterReader.WrongType("guided_choice", "an array of strings", other),
    };
}
