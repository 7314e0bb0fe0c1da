using System.Globalization;
using System.Text.RegularExpressions;
using Parley.Models;

namespace Parley.Host.Pulling;

/// <summary>Which files of a repository make the model that was asked for: one GGUF quantisation with all its shards, or the safetensors folder.</summary>
/// <param name="Entry">The file that opens the model; null when the folder does.</param>
/// <param name="ModelName">What the model is called in the store unless a person says otherwise.</param>
internal sealed partial record HubChoice(IReadOnlyList<HubFile> Files, string? Entry, string ModelName)
{
    private const long LargestSmallFile = 64 << 20;
    private static readonly string[] Usual = ["Q4_K_M", "Q8_0"];

    public long Bytes => Files.Sum(file => file.Bytes);

    /// <exception cref="PullFailure">There is no such quantisation; the sentence lists those there are.</exception>
    public static HubChoice Of(HubReference model, IReadOnlyList<HubFile> files)
    {
        var usable = files.Where(file => IsUsableName(file.Name) && file.Bytes >= 0).ToArray();
        var quants = usable.Where(IsWeightsGguf).GroupBy(file => Stem(file.Path), StringComparer.Ordinal).Select(group => new Quantisation(group.Key, [.. group])).ToArray();
        if (model.Quant is { } wanted)
        {
            return Named(model, wanted, quants);
        }

        if (Folder(model, usable) is { } folder)
        {
            return folder;
        }

        return quants switch
        {
            [] => throw new PullFailure($"'{model.Repository}' holds no GGUF file and no config.json with model.safetensors; choose another repository."),
            [var only] => Gguf(model, only),
            _ when Usual.Select(quant => Array.Find(quants, other => other.Name == quant)).FirstOrDefault(found => found is not null) is { } usual => Gguf(model, usual),
            _ => throw new PullFailure($"'{model.Repository}' holds several quantisations; name one as hf:{model.Repository}:QUANT: {List(quants)}."),
        };
    }

    private static HubChoice Named(HubReference model, string wanted, Quantisation[] quants)
    {
        if (quants.Length == 0)
        {
            throw new PullFailure(
                $"'{model.Repository}' holds no GGUF file, so there is no {wanted} of it; pull hf:{model.Repository} without it if that has safetensors, or choose another repository.");
        }

        var found = Array.FindAll(quants, quant => string.Equals(quant.Name, wanted, StringComparison.OrdinalIgnoreCase));
        found = found.Length > 0 ? found : Array.FindAll(quants, quant => string.Equals(quant.Stem, wanted, StringComparison.OrdinalIgnoreCase));
        return found switch
        {
            [var only] => Gguf(model, only),
            [] => throw new PullFailure($"'{model.Repository}' has no {wanted}; there are {List(quants)}."),
            _ => throw new PullFailure($"'{model.Repository}' has several {wanted}; name one by its file: {string.Join(", ", found.Select(quant => quant.Stem))}."),
        };
    }

    private static HubChoice Gguf(HubReference model, Quantisation quant)
    {
        var files = quant.Files.OrderBy(file => file.Name, StringComparer.Ordinal).ToArray();
        if (ShardSuffix().Match(files[0].Name) is { Success: true } match)
        {
            var count = int.Parse(match.Groups["count"].Value, CultureInfo.InvariantCulture);
            if (files.Length != count)
            {
                throw new PullFailure($"'{model.Repository}' has {files.Length} of the {count} shards of {quant.Stem}; choose another quantisation.");
            }
        }

        var name = GgufSuffix().Replace(model.Name, "");
        var named = name.Contains(quant.Name, StringComparison.OrdinalIgnoreCase) ? name : $"{name}-{quant.Name}";
        return new HubChoice(files, files[0].Name, named);
    }

    private static HubChoice? Folder(HubReference model, HubFile[] files)
    {
        var top = files.Where(file => file.IsAtTop).ToArray();
        bool Has(string name) => Array.Exists(top, file => file.Name == name);
        if (!Has("config.json") || !(Has(SafetensorsReader.FileName) || Has(SafetensorsReader.IndexName)))
        {
            return null;
        }

        // Beside the shards of the index some repositories keep the same weights once more under other names.
        var weights = top.Where(file => Has(SafetensorsReader.FileName)
            ? file.Name == SafetensorsReader.FileName
            : file.Name.StartsWith("model", StringComparison.Ordinal) && file.Name.EndsWith(".safetensors", StringComparison.Ordinal));
        var others = top.Where(file => ModelSourceFiles.IsSmallFile(file.Name) && file.Bytes <= LargestSmallFile
            && !(Has(SafetensorsReader.FileName) && file.Name == SafetensorsReader.IndexName));
        return new HubChoice([.. others, .. weights], null, model.Name);
    }

    // Projectors of vision models and importance matrices are GGUF files too.
    private static bool IsWeightsGguf(HubFile file) =>
        file.Name.EndsWith(".gguf", StringComparison.OrdinalIgnoreCase)
        && !file.Name.Contains("mmproj", StringComparison.OrdinalIgnoreCase) && !file.Name.Contains("imatrix", StringComparison.OrdinalIgnoreCase);

    private static bool IsUsableName(string name) =>
        name.Length is > 0 and <= 200 && name[0] != '.' && name.All(sign => !char.IsControl(sign) && sign is not ('\\' or '/'));

    private static string Stem(string path) => ShardSuffix().Replace(path, "") is var stem && stem.EndsWith(".gguf", StringComparison.OrdinalIgnoreCase) ? stem[..^5] : stem;

    private static string List(Quantisation[] quants) => string.Join(", ", quants.OrderBy(quant => quant.Bytes)
        .Select(quant => string.Create(CultureInfo.InvariantCulture, $"{quant.Name} ({quant.Bytes / 1e6:N0} MB)")));

    [GeneratedRegex("-(?<number>[0-9]{5})-of-(?<count>[0-9]{5})\\.gguf$", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex ShardSuffix();

    [GeneratedRegex("[-_.]gguf$", RegexOptions.CultureInvariant | RegexOptions.IgnoreCase, matchTimeoutMilliseconds: 1000)]
    private static partial Regex GgufSuffix();

    /// <summary>The files of one quantisation; its name is the end of the file's name, such as Q4_K_M.</summary>
    private sealed partial record Quantisation(string Path, IReadOnlyList<HubFile> Files)
    {
        public string Stem => Path[(Path.LastIndexOf('/') + 1)..];

        public string Name => QuantName().Match(Stem) is { Success: true } match ? match.Groups["quant"].Value.ToUpperInvariant() : Stem;

        public long Bytes => Files.Sum(file => file.Bytes);

        [GeneratedRegex(
            "(^|[-_.])(?<quant>(UD-)?(I?Q[1-8](_[A-Z0-9]+)*|TQ[12]_0|MXFP4(_MOE)?|BF16|F16|FP16|F32))$",
            RegexOptions.CultureInvariant | RegexOptions.IgnoreCase | RegexOptions.ExplicitCapture,
            matchTimeoutMilliseconds: 1000)]
        private static partial Regex QuantName();
    }
}
