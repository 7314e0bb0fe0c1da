using System.Globalization;
using System.Text.Json;
using Parley.Text;
using Parley.Text.Jinja;

namespace Parley.Inference.Verification;

/// <summary>
/// Chat templates of published models against what Jinja2 rendered of them: one verdict a template, every case equal character for character, and a
/// refusal where Jinja2 refused (chat/*.json of an oracle folder; its README states the format).
/// </summary>
public static class TemplateOracle
{
    /// <summary>The templates of a folder in order of their names; none when it has no chat/.</summary>
    public static IEnumerable<TemplateVerdict> Run(string folder)
    {
        var chat = Path.Combine(folder, "chat");
        return Directory.Exists(chat) ? Directory.EnumerateFiles(chat, "*.json").Order(StringComparer.Ordinal).Select(RunFile) : [];
    }

    private static TemplateVerdict RunFile(string path)
    {
        using var json = JsonDocument.Parse(File.ReadAllBytes(path));
        var (file, cases) = (json.RootElement, json.RootElement.GetProperty("cases"));
        var name = Path.GetFileNameWithoutExtension(path);
        var now = DateTimeOffset.Parse(file.GetProperty("strftime_now").GetString()!, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal);
        ChatScript script;
        try
        {
            script = ChatScript.Parse(File.ReadAllText(Path.Combine(Path.GetDirectoryName(path)!, file.GetProperty("template").GetString()!)));
        }
        catch (JinjaException error)
        {
            return new(name, 0, cases.GetArrayLength(), $"cannot be parsed: {error.Message}");
        }

        var faults = cases.EnumerateArray().Select(entry => Fault(script, entry, now)).ToArray();
        return new(name, faults.Count(fault => fault is null), faults.Length, faults.FirstOrDefault(fault => fault is not null));
    }

    /// <summary>Null when the case is as it must be.</summary>
    private static string? Fault(ChatScript script, JsonElement entry, DateTimeOffset now)
    {
        var name = entry.GetProperty("name").GetString();
        var error = entry.TryGetProperty("error", out var message) && message.ValueKind == JsonValueKind.String ? message.GetString() : null;
        string text;
        try
        {
            text = script.Render(ChatContext.FromJson(entry.GetProperty("context")), now).Text;
        }
        catch (JinjaException refused)
        {
            var asExpected = error is not null && (!refused.IsRaised || refused.Reason == error);
            return asExpected && refused.IsRaised == IsRaised(entry) ? null : $"{name}: {refused.Message}";
        }

        if (error is not null)
        {
            return $"{name}: rendered, but must be refused with \"{error}\"";
        }

        var expected = entry.GetProperty("expected").GetString()!;
        return text == expected ? null : $"{name}: differs from character {text.Zip(expected).TakeWhile(pair => pair.First == pair.Second).Count()} on";
    }

    private static bool IsRaised(JsonElement entry) => entry.TryGetProperty("error_kind", out var kind) && kind.GetString() == "raise_exception";
}

/// <summary>How a template fared.</summary>
/// <param name="Fault">The first case that is not as it must be; null: none.</param>
public sealed record TemplateVerdict(string Name, int Equal, int Cases, string? Fault)
{
    public bool IsOk => Equal == Cases && Cases > 0;

    public override string ToString() => $"{Name,-52} {Equal} of {Cases} rendered equal{(Fault is null ? "" : $"; {Fault}")}";
}
