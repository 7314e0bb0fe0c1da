using System.Text.Json;

namespace Parley.Text;

/// <summary>Reads the JSON of one call, or of a list of calls, in any of the shapes that models write.</summary>
internal static class CallSyntax
{
    /// <summary>Null unless all of it is calls of declared functions, each with an object of arguments.</summary>
    public static IReadOnlyList<CallPiece>? Parse(string json, IReadOnlySet<string> declared)
    {
        try
        {
            using var document = JsonDocument.Parse(json);
            var root = document.RootElement;
            JsonElement[] written = root.ValueKind == JsonValueKind.Array ? [.. root.EnumerateArray()] : [root];
            CallPiece[] calls = [.. written.Select(call => Read(call, declared)).Where(call => call is not null).Select(call => call!.Value)];
            return calls.Length > 0 && calls.Length == written.Length ? calls : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static CallPiece? Read(JsonElement call, IReadOnlySet<string> declared)
    {
        if (call.ValueKind != JsonValueKind.Object)
        {
            return null;
        }

        if (call.TryGetProperty("function", out var function) && function.ValueKind == JsonValueKind.Object)
        {
            call = function;
        }

        return call.TryGetProperty("name", out var name) && name.ValueKind == JsonValueKind.String && declared.Contains(name.GetString()!)
            && Arguments(call) is { } arguments
                ? new CallPiece(name.GetString()!, arguments, IsLast: true)
                : null;
    }

    // A function without parameters is often called without arguments; some models write the object as a string.
    private static string? Arguments(JsonElement call)
    {
        if (!call.TryGetProperty("arguments", out var arguments) && !call.TryGetProperty("parameters", out arguments))
        {
            return "{}";
        }

        if (arguments.ValueKind == JsonValueKind.String && IsObject(arguments.GetString()!))
        {
            return arguments.GetString();
        }

        return arguments.ValueKind == JsonValueKind.Object ? arguments.GetRawText() : null;
    }

    private static bool IsObject(string json)
    {
        try
        {
            using var document = JsonDocument.Parse(json);
            return document.RootElement.ValueKind == JsonValueKind.Object;
        }
        catch (JsonException)
        {
            return false;
        }
    }
}
