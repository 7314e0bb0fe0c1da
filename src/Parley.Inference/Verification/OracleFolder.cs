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
        Files = [.. json.RootElement.GetProperty("files").EnumerateArray().Where(IsPresent).Select(Read)];
    }

    public IReadOnlyList<OracleFile> Files { get; }

    // The parents of quantised families are numbers only; a folder may hold a part of the files.
    private bool IsPresent(JsonElement file) =>
        file.GetProperty("file").GetString() is { } name && File.Exists(Path.Combine(_models, name));

    private OracleFile Read(JsonElement file)
    {
        var (eval, greedy) = (file.GetProperty("eval"), file.GetProperty("greedy"));
        return new OracleFile(
            file.GetProperty("name").GetString()!,
            Path.Combine(_models, file.GetProperty("file").GetString()!),
            file.GetProperty("ftype").GetString()!,
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
/// <param name="StorageType">How its matrices are stored: F32, F16, BF16, Q8_0, Q4_K_M ...</param>
/// <param name="Logits">Exact logits, one row for each of <paramref name="Positions"/>.</param>
/// <param name="LogitsDeviation">Their standard deviation over all positions.</param>
public sealed record OracleFile(
    string Name, string Path, string StorageType, int[] Tokens, int[] Positions, float[] Logits, double LogitsDeviation, int[] Prompt, int[] Greedy)
{
    /// <summary>Logits of one position.</summary>
    public int Vocabulary => Logits.Length / Positions.Length;
}
