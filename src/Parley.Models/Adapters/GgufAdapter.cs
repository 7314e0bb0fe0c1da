using Parley.Tensors;

namespace Parley.Models;

/// <summary>
/// A LoRA adapter as llama.cpp's convert_lora_to_gguf.py writes it: <c>general.type</c> "adapter", <c>adapter.type</c> "lora",
/// <c>adapter.lora.alpha</c>, and NAME.lora_a [r, K] and NAME.lora_b [N, r] for tensors of the model. The scale is alpha / r, or 1 where alpha is 0.
/// </summary>
internal static class GgufAdapter
{
    private const string A = ".lora_a", B = ".lora_b";

    /// <exception cref="ModelFormatException">The file cannot be read, is no LoRA adapter, or is not one of this model.</exception>
    public static Adapter Load(string path, ModelConfig config)
    {
        using var reader = GgufReader.Open(path);
        var metadata = reader.Metadata;
        Require(metadata, "general.type", "adapter", "Give the file of an adapter; a model is served with --model");
        Require(metadata, "adapter.type", "lora", "Only LoRA adapters can be used");
        var architecture = ModelFamily.Of(config).GgufName;
        Require(metadata, "general.architecture", architecture, $"Load it beside the model that it was trained on; this one is {architecture}");
        var alpha = metadata.Number("adapter.lora.alpha");
        var assembly = new AdapterAssembly(path, config, AdapterModule.Gather(Places(config, reader))) { RowsArePaired = true };
        foreach (var (name, info) in reader.Tensors)
        {
            var isA = name.EndsWith(A, StringComparison.Ordinal);
            if (!isA && !name.EndsWith(B, StringComparison.Ordinal))
            {
                throw metadata.Error(name, "this tensor is neither NAME.lora_a nor NAME.lora_b. Convert the adapter again.");
            }

            assembly.Add(name[..^A.Length], name, isA, info.Shape, () => reader.Map(name));
        }

        return assembly.Build((_, rank) => alpha == 0 ? 1 : (double)alpha / rank);
    }

    /// <summary>A pair as it is written.</summary>
    /// <exception cref="ModelFormatException">The family's files have the map as a part of another one.</exception>
    public static IEnumerable<GgufTensorSource> Sources(ParameterSpec spec, LowRankPair pair, ModelConfig config)
    {
        var place = GgufNames.Of(spec, config).First();
        if (place.Whole != spec.Shape)
        {
            throw new ModelFormatException($"A {config.Architecture} model has '{place.Name}' as one map, which is adapted here in parts; GGUF cannot store that.");
        }

        yield return GgufTensorSource.Of(place.Name + A, pair.A.Value);
        var up = pair.B.Value;
        yield return !RotaryRows.ArePaired(spec, config) ? GgufTensorSource.Of(place.Name + B, up) : new GgufTensorSource(place.Name + B, up.Shape, up.DType, stream =>
        {
            for (var row = 0; row < up.Shape[0]; row++)
            {
                stream.Write(up.Rows(RotaryRows.HalvesRow(row, config), 1).Bytes);
            }
        });
    }

    // A family that fuses maps may also be met with each alone; the file says which.
    private static IEnumerable<(ParameterSpec Spec, string Name, Shape Whole, int FirstRow)> Places(ModelConfig config, GgufReader reader)
    {
        foreach (var spec in AdapterLayout.Of(config))
        {
            var places = GgufNames.Of(spec, config).ToArray();
            var place = Array.Find(places, place => reader.Tensors.ContainsKey(place.Name + A) || reader.Tensors.ContainsKey(place.Name + B));
            place = place.Name is null ? places[0] : place;
            yield return (spec, place.Name, place.Whole, (int)(place.First / spec.Shape[1]));
        }
    }

    private static void Require(GgufMetadata metadata, string key, string expected, string remedy)
    {
        if (metadata.Text(key) is var value && !string.Equals(value, expected, StringComparison.Ordinal))
        {
            throw metadata.Error(key, $"is \"{value}\" where \"{expected}\" is needed. {remedy}.");
        }
    }
}
