using System.Collections.Frozen;
using System.Text.Json;
using Parley.Protocol.Errors;

namespace Parley.Host.Endpoints.OpenAI;

/// <summary>
/// What happens to OpenAI's parameters that Parley does not act on: some have no meaning here and are recorded, some are not supported yet and are refused by
/// name unless they ask for nothing. There is no third way: nothing is ignored in silence.
/// </summary>
internal static class ParameterPolicy
{
    private static readonly FrozenSet<string> Recorded =
        FrozenSet.Create(StringComparer.Ordinal, "user", "metadata", "service_tier", "store", "safety_identifier", "prompt_cache_key", "prompt_cache_retention");

    /// <summary>Known to OpenAI, not built here, with the values that ask for nothing.</summary>
    private static readonly FrozenDictionary<string, Func<JsonElement, bool>> Unsupported = new Dictionary<string, Func<JsonElement, bool>>(StringComparer.Ordinal)
    {
        ["audio"] = _ => false,
        ["function_call"] = value => IsText(value, "none"),
        ["functions"] = IsEmpty,
        ["modalities"] = value => value.ValueKind == JsonValueKind.Array && value.EnumerateArray().All(item => IsText(item, "text")),
        ["moderation"] = _ => false,
        ["prediction"] = _ => false,
        ["reasoning_effort"] = value => IsText(value, "none"),
        ["suffix"] = value => IsText(value, ""),
        ["verbosity"] = _ => false,
        ["web_search_options"] = _ => false,
    }.ToFrozenDictionary(StringComparer.Ordinal);

    /// <summary>Sorts what a dialect left over; returns what is to be recorded.</summary>
    /// <exception cref="ParleyException">400: a parameter is not supported, or unknown.</exception>
    public static IReadOnlyDictionary<string, string> Apply(ParameterReader reader)
    {
        var recorded = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var name in reader.Left.ToArray())
        {
            var isRecorded = Recorded.Contains(name);
            if (!isRecorded && !Unsupported.ContainsKey(name))
            {
                continue;
            }

            if (reader.Take(name) is not { } value)
            {
                continue;
            }

            if (isRecorded)
            {
                recorded[name] = value.ValueKind == JsonValueKind.String ? value.GetString()! : value.GetRawText();
            }
            else
            {
                RequireNothing(name, Unsupported[name](value));
            }
        }

        reader.RefuseLeft();
        return recorded;
    }

    private static void RequireNothing(string name, bool asksForNothing)
    {
        if (!asksForNothing)
        {
            throw ParleyException.InvalidRequest($"The parameter '{name}' is not supported with this value; leave it out.", name, "unsupported_parameter");
        }
    }

    private static bool IsText(JsonElement value, string text) => value.ValueKind == JsonValueKind.String && value.ValueEquals(text);

    private static bool IsEmpty(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Array => value.GetArrayLength() == 0,
        JsonValueKind.Object => !value.EnumerateObject().Any(),
        _ => false,
    };
}
