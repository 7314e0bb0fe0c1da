using System.Text.Json;

namespace Parley.Inference;

/// <summary>That an object has a member or has it not, as formulas: values that are no objects satisfy both.</summary>
internal static class Presence
{
    public static Formula Present(string name) => Of($$"""{"required":[{{Quoted(name)}}]}""", $"present {name}");

    public static Formula Absent(string name) => Of($$$"""{"properties":{{{{Quoted(name)}}}:false}}""", $"absent {name}");

    private static string Quoted(string name) => $"\"{JsonEncodedText.Encode(name)}\"";

    private static Formula Of(string schema, string key)
    {
        using var document = JsonDocument.Parse(schema);
        return Formula.Of(document.RootElement.Clone(), key);
    }
}
