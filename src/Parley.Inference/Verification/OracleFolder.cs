using System.Runtime.InteropServices;
using System.Text.Json;

namespace Parley.Inference.Verification;

/// <summary>
/// A folder of tiny random models with the logits and greedy tokens that an independent exact computation gave for them (models/manifest.json; the
/// folder's README states the format). Reads numbers only; it knows no engine.
/// </summary>
public sealed class OracleFolder
{
    private readonly string _models;

    /// <exception cref="InvalidDataException">The folder holds no manifest.</exception>
    public OracleFolder(string folder)
    {
        _models = Path.Combine(folder, "models");
        var manifest = Path.Combine(_models, "manifest.json");
        if (!File.Exists(manifest))
        {
            throw new InvalidDataException($"{manifest} is missing; name a folder of oracles, such as ../shared/oracles.");
        }

        using var json = JsonDocument.Parse(File.ReadAllBytes(manifest));
        Files = [.. json.RootElement.GetProperty("files").EnumerateArray().Where(file => file.GetProperty("file").ValueKind == JsonValueKind.String).Select(Read)];
    }

    public IReadOnlyList<OracleFile> Files { get; }

    private OracleFile Read(JsonElement file)
    {
        var (eval, greedy) = (file.GetProperty("eval"), file.GetProperty("greedy"));
        return new OracleFile(
            file.GetProperty("name").GetString()!,
            Path.Combine(_models, file.GetProperty("file").GetString()!),
            Integers(eval, "tokens"),
            Integers(eval, "positions"),
            MemoryMarshal.Cast<byte, float>(File.ReadAllBytes(Path.Combine(_models, eval.GetProperty("exact_file").GetString()!))).ToArray(),
            eval.GetProperty("logits_std").GetDouble(),
            Integers(greedy, "prompt"),
            Integers(greedy, "exact_tokens"));
    }

    private static int[] Integers(JsonElement parent, string name) => [.. parent.GetProperty(name).EnumerateArray().Select(value => value.GetInt32())];
}

/// <summary>One model of an oracle folder: the file, and what it must give.</summary>
/// <param name="Logits">Exact logits, one row for each of <paramref name="Positions"/>.</param>
/// <param name="LogitsDeviation">Their standard deviation over all positions.</param>
public sealed record OracleFile(
    string Name, string Path, int[] Tokens, int[] Positions, float[] Logits, double LogitsDeviation, int[] Prompt, int[] Greedy);
