using System.Text.Json;
using Parley.Testing;

namespace Parley.Text.Tests.Jinja;

/// <summary>cases.json: templates of every construct with what Jinja2 made of them.</summary>
internal static class JinjaCaseFile
{
    private static readonly JsonElement File = JsonDocument.Parse(
        System.IO.File.ReadAllBytes(Path.Combine(Repository.Root, "tests", "Parley.Text.Tests", "Jinja", "cases.json"))).RootElement;

    /// <summary>The clock stands at 2025-01-15 12:34:56.</summary>
    public static DateTimeOffset Now { get; } = new(2025, 1, 15, 12, 34, 56, TimeSpan.Zero);

    public static ChatContext Context { get; } = ChatContext.FromJson(File.GetProperty("context"));

    public static IEnumerable<string> Groups => File.GetProperty("groups").EnumerateObject().Select(group => group.Name);

    /// <summary>The expected text is null where Jinja2 fails too.</summary>
    public static IEnumerable<(string Template, string? Expected)> Of(string group) =>
        File.GetProperty("groups").GetProperty(group).EnumerateArray().Select(entry =>
            (entry.GetProperty("template").GetString()!, entry.TryGetProperty("expected", out var expected) ? expected.GetString() : null));
}
