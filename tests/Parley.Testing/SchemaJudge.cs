using System.Diagnostics;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Parley.Testing;

/// <summary>npm's ajv 8 (draft 2020-12) with ajv-formats in a Node process: which instances of a schema are valid.</summary>
public sealed class SchemaJudge : IDisposable
{
    private readonly Process _node;

    private SchemaJudge(Process node) => _node = node;

    public static string Folder { get; } = Path.Combine(Repository.Root, "tests", "Parley.Inference.Tests", "Constraints", "Judge");

    /// <summary>Skips the test where Node or its packages (npm ci in <see cref="Folder"/>) are missing.</summary>
    public static SchemaJudge Start()
    {
        if (!Directory.Exists(Path.Combine(Folder, "node_modules", "ajv")))
        {
            Requirement.Skip("ajv", $"ajv is not installed: run npm ci in {Path.GetRelativePath(Repository.Root, Folder)}");
        }

        var start = new ProcessStartInfo(Requirement.Program("ajv", "/usr/bin/node", "/usr/local/bin/node"), [Path.Combine(Folder, "judge.js")])
        {
            RedirectStandardInput = true, RedirectStandardOutput = true, StandardInputEncoding = new System.Text.UTF8Encoding(false), StandardOutputEncoding = System.Text.Encoding.UTF8,
        };
        return new SchemaJudge(Process.Start(start)!);
    }

    /// <summary>By instance: whether it is valid; null for what is no JSON.</summary>
    public IReadOnlyList<bool?> Judge(JsonNode schema, IReadOnlyList<string> instances)
    {
        var request = new JsonObject { ["schema"] = schema.DeepClone(), ["instances"] = new JsonArray([.. instances.Select(text => (JsonNode)text)]) };
        _node.StandardInput.WriteLine(request.ToJsonString());
        _node.StandardInput.Flush();
        var line = _node.StandardOutput.ReadLine() ?? throw new InvalidOperationException("The judge has ended.");
        using var answer = JsonDocument.Parse(line);
        return answer.RootElement.ValueKind == JsonValueKind.Array
            ? [.. answer.RootElement.EnumerateArray().Select(verdict => verdict.GetInt32() switch { 1 => true, 0 => false, _ => (bool?)null })]
            : throw new InvalidOperationException($"The judge refuses the schema {schema.ToJsonString()}: {line}");
    }

    public void Dispose()
    {
        _node.StandardInput.Close();
        _node.WaitForExit();
        _node.Dispose();
    }
}
