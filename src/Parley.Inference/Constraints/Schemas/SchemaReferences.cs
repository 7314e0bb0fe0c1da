using System.Globalization;
using System.Text.Json;

namespace Parley.Inference;

/// <summary>Where <c>$ref</c> leads: places in the same schema, by JSON pointer or by <c>$anchor</c>.</summary>
internal sealed class SchemaReferences(JsonElement root)
{
    private Dictionary<string, Formula>? _anchors;

    public static string Escape(string name) => name.Replace("~", "~0", StringComparison.Ordinal).Replace("/", "~1", StringComparison.Ordinal);

    /// <exception cref="ConstraintException">It leads nowhere, or out of the schema.</exception>
    public Formula Resolve(JsonElement reference, string at)
    {
        var text = reference.ValueKind == JsonValueKind.String ? reference.GetString()! : throw ConstraintException.At(at, "must be a string.");
        if (text.Length == 0 || text[0] != '#')
        {
            throw ConstraintException.At(at, $"refers to '{text}', which is outside of this schema; put it under $defs.");
        }

        var place = Uri.UnescapeDataString(text[1..]);
        if (place.Length > 0 && place[0] != '/')
        {
            _anchors ??= Anchors();
            return _anchors.TryGetValue(place, out var found) ? found : throw ConstraintException.At(at, $"refers to the anchor '{place}', which is not there.");
        }

        var (element, pointer) = (root, "");
        foreach (var step in place.Split('/').Skip(1))
        {
            var name = step.Replace("~1", "/", StringComparison.Ordinal).Replace("~0", "~", StringComparison.Ordinal);
            element = Child(element, name) ?? throw ConstraintException.At(at, $"refers to '{text}', which is not there.");
            pointer += "/" + Escape(name);
        }

        return Formula.Of(element, pointer);
    }

    private static JsonElement? Child(JsonElement element, string name) => element.ValueKind switch
    {
        JsonValueKind.Object => element.TryGetProperty(name, out var member) ? member : null,
        JsonValueKind.Array => int.TryParse(name, NumberStyles.None, CultureInfo.InvariantCulture, out var at) && at < element.GetArrayLength() ? element[at] : null,
        _ => null,
    };

    private Dictionary<string, Formula> Anchors()
    {
        var (found, work) = (new Dictionary<string, Formula>(StringComparer.Ordinal), new Stack<(JsonElement Element, string Pointer)>([(root, "")]));
        while (work.TryPop(out var place))
        {
            if (place.Element.ValueKind == JsonValueKind.Object)
            {
                if (place.Element.TryGetProperty("$anchor", out var anchor) && anchor.ValueKind == JsonValueKind.String)
                {
                    found.TryAdd(anchor.GetString()!, Formula.Of(place.Element, place.Pointer));
                }

                foreach (var member in place.Element.EnumerateObject())
                {
                    work.Push((member.Value, $"{place.Pointer}/{Escape(member.Name)}"));
                }
            }
            else if (place.Element.ValueKind == JsonValueKind.Array)
            {
                foreach (var (i, item) in place.Element.EnumerateArray().Index())
                {
                    work.Push((item, $"{place.Pointer}/{i}"));
                }
            }
        }

        return found;
    }
}
