using System.Globalization;
using System.Text.Json;
using Parley.Protocol.Errors;

namespace Parley.Host.Endpoints.OpenAI;

/// <summary>
/// Takes the members of a JSON object one by one; what nobody took is refused by name at the end. A null counts as absent. Every refusal is a
/// 400 that names the parameter by its whole path, as messages[0].content.
/// </summary>
internal sealed class ParameterReader
{
    private readonly Dictionary<string, JsonElement> _members = new(StringComparer.Ordinal);
    private readonly string _path;

    /// <param name="path">Of the object itself; empty for the body.</param>
    public ParameterReader(JsonElement element, string path = "")
    {
        _path = path;
        if (element.ValueKind != JsonValueKind.Object)
        {
            throw WrongType(path, "an object", element);
        }

        foreach (var member in element.EnumerateObject())
        {
            _members[member.Name] = member.Value;
        }
    }

    /// <summary>Names that nobody took, those of nulls too.</summary>
    public IEnumerable<string> Left => _members.Keys;

    public string PathOf(string name) => _path.Length == 0 ? name : $"{_path}.{name}";

    public JsonElement? Take(string name) =>
        _members.Remove(name, out var value) && value.ValueKind != JsonValueKind.Null ? value : null;

    /// <summary>All that is left, for an object whose names are not known beforehand.</summary>
    public IReadOnlyList<(string Name, JsonElement Value)> TakeAll()
    {
        (string, JsonElement)[] all = [.. _members.Select(member => (member.Key, member.Value))];
        _members.Clear();
        return all;
    }

    public JsonElement Require(string name) =>
        Take(name) ?? throw ParleyException.InvalidRequest($"The parameter '{PathOf(name)}' is missing.", PathOf(name), "missing_required_parameter");

    public string? String(string name) => Take(name) is { } value ? StringOf(value, PathOf(name)) : null;

    public string RequireString(string name) => StringOf(Require(name), PathOf(name));

    public bool? Boolean(string name) => Take(name) switch
    {
        null => null,
        { ValueKind: JsonValueKind.True } => true,
        { ValueKind: JsonValueKind.False } => false,
        { } other => throw WrongType(PathOf(name), "true or false", other),
    };

    /// <summary>A number within both bounds, them included.</summary>
    public float? Number(string name, double least, double most)
    {
        if (Take(name) is not { } value)
        {
            return null;
        }

        var number = value.ValueKind == JsonValueKind.Number ? value.GetDouble() : throw WrongType(PathOf(name), "a number", value);
        return number >= least && number <= most ? (float)number : throw OutOfRange(name, least, most, value);
    }

    /// <summary>A whole number within both bounds, them included.</summary>
    public int? Integer(string name, int least, int most)
    {
        if (Take(name) is not { } value)
        {
            return null;
        }

        return value.ValueKind != JsonValueKind.Number ? throw WrongType(PathOf(name), "a whole number", value)
            : value.TryGetInt32(out var number) && number >= least && number <= most ? number
            : throw OutOfRange(name, least, most, value);
    }

    /// <summary>Any 64-bit number, signed or not, as its 64 bits.</summary>
    public ulong? Bits(string name)
    {
        if (Take(name) is not { } value)
        {
            return null;
        }

        return value.ValueKind != JsonValueKind.Number ? throw WrongType(PathOf(name), "a whole number", value)
            : value.TryGetUInt64(out var bits) ? bits
            : value.TryGetInt64(out var signed) ? unchecked((ulong)signed)
            : throw OutOfRange(name, long.MinValue, ulong.MaxValue, value);
    }

    /// <summary>Refuses what is left.</summary>
    public void RefuseLeft()
    {
        foreach (var (name, _) in _members)
        {
            throw ParleyException.InvalidRequest($"The parameter '{PathOf(name)}' is unknown; check its spelling or leave it out.", PathOf(name), "unknown_parameter");
        }
    }

    public static string StringOf(JsonElement value, string path) =>
        value.ValueKind == JsonValueKind.String ? value.GetString()! : throw WrongType(path, "a string", value);

    public static ParleyException WrongType(string path, string wanted, JsonElement value)
    {
        var subject = path.Length == 0 ? "The body" : $"'{path}'";
        var given = value.ValueKind switch
        {
            JsonValueKind.Object => "an object",
            JsonValueKind.Array => "an array",
            JsonValueKind.String => "a string",
            JsonValueKind.Number => "the number " + value.GetRawText(),
            JsonValueKind.True or JsonValueKind.False => value.GetRawText(),
            _ => "null",
        };
        return ParleyException.InvalidRequest($"{subject} must be {wanted}, not {given}.", path.Length == 0 ? null : path, "invalid_type");
    }

    private ParleyException OutOfRange(string name, double least, double most, JsonElement value) => ParleyException.InvalidRequest(
        string.Create(CultureInfo.InvariantCulture, $"'{PathOf(name)}' is {value.GetRawText()}; it must be a number from {least:0.###} to {most:0.###}."),
        PathOf(name),
        "invalid_value");
}
