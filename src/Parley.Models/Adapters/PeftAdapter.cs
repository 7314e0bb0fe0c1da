using Parley.Tensors;

namespace Parley.Models;

/// <summary>
/// A LoRA adapter as PEFT saves it: a folder with adapter_config.json and adapter_model.safetensors, whose tensors are
/// <c>base_model.model.MODULE.lora_A.weight</c> [r, K] and <c>.lora_B.weight</c> [N, r], rows in Hugging Face's order.
/// </summary>
internal static class PeftAdapter
{
    public const string WeightsName = "adapter_model.safetensors";
    public const string Root = "base_model.model.";
    public const string A = ".lora_A.weight", B = ".lora_B.weight";

    /// <exception cref="ModelFormatException">A file is missing or damaged, asks for what cannot be honoured, or is not of this model.</exception>
    public static Adapter Load(string folder, ModelConfig config)
    {
        var settings = PeftConfig.Read(Path.Combine(folder, PeftConfig.FileName));
        var path = Path.Combine(folder, WeightsName);
        if (!File.Exists(path) && File.Exists(Path.Combine(folder, "adapter_model.bin")))
        {
            throw ModelFormatException.At(folder, "adapter_model.bin", null, "is a pickle, which could run any code. Save the adapter with safe_serialization=True.");
        }

        using var reader = SafetensorsReader.Open(path);
        var assembly = new AdapterAssembly(path, config, Modules(config, reader));
        foreach (var (name, entry) in reader.Entries.OrderBy(pair => pair.Key, StringComparer.Ordinal))
        {
            var isA = name.EndsWith(A, StringComparison.Ordinal);
            if ((!isA && !name.EndsWith(B, StringComparison.Ordinal)) || !name.StartsWith(Root, StringComparison.Ordinal))
            {
                throw ModelFormatException.At(path, name, null, $"this tensor is neither {Root}MODULE{A} nor {B}, so it cannot be honoured. Train a plain LoRA adapter of layers' projections.");
            }

            assembly.Add(name[Root.Length..^A.Length], name, isA, entry.Shape, () => reader.Map(name));
        }

        return assembly.Build((module, rank) => rank == settings.RankOf(module) ? settings.ScaleOf(module, rank) : throw ModelFormatException.At(
            path, Root + module + A, null, $"has the rank {rank}, but {PeftConfig.FileName} says {settings.RankOf(module)}. Take both files from the same source."));
    }

    /// <summary>The maps of a model as PEFT names them behind <see cref="Root"/>.</summary>
    public static Dictionary<string, AdapterModule> Modules(ModelConfig config, string prefix)
    {
        var names = new HuggingFaceNames(config, prefix);
        return AdapterModule.Gather(
            from spec in AdapterLayout.Of(config)
            let place = names.Of(spec)
            select (spec, place.Name[..^".weight".Length], place.Whole, place.FirstRow));
    }

    // What stands before "layers" differs with the class that was adapted; with none that fits, errors name what a plain causal model would have.
    private static Dictionary<string, AdapterModule> Modules(ModelConfig config, SafetensorsReader reader) =>
        HuggingFaceModel.Prefixes.Select(prefix => Modules(config, prefix))
            .FirstOrDefault(modules => modules.Keys.Any(name => reader.Entries.ContainsKey(Root + name + A) || reader.Entries.ContainsKey(Root + name + B)))
        ?? Modules(config, HuggingFaceModel.Prefixes[0]);
}
