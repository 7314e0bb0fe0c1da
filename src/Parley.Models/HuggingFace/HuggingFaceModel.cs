using Parley.Tensors;

namespace Parley.Models;

/// <summary>
/// A decoder in a folder of Hugging Face's: config.json, and model.safetensors or its index with shards. Weights stay mapped, fused ones
/// as views of their rows; GPT-2's, which lie transposed, are copied. The tokenizer in the folder is not this project's affair.
/// </summary>
public static class HuggingFaceModel
{
    public const string ConfigFile = "config.json";

    // Files of half a gigabyte and more than one generation of transformers: the model may stand under each of these names.
    internal static readonly string[] Prefixes = ["model.", "", "transformer.", "bert.", "model.language_model.", "language_model.model."];

    /// <summary>True for a folder with a config.json and weights that are no checkpoint of ours.</summary>
    public static bool IsIn(string folder) =>
        File.Exists(Path.Combine(folder, ConfigFile)) && !File.Exists(Path.Combine(folder, CheckpointManifest.FileName));

    /// <exception cref="ModelFormatException">A file is missing or damaged, or it is not a model this decoder can compute; names file, key or tensor.</exception>
    public static Decoder Load(string folder)
    {
        var path = Path.Combine(folder, ConfigFile);
        var json = ReadConfig(path);
        var config = HuggingFacePooling.Read(folder, ModelConfigJson.FromJson(json, path));
        if (ModelConfigJson.IsOurs(json))
        {
            throw ModelFormatException.At(folder, CheckpointManifest.FileName, null, "is missing, though this is a checkpoint of ours. Restore the checkpoint from a copy.");
        }

        using var reader = SafetensorsReader.Open(folder);
        RequireWarranted(config, reader, path);
        var specs = ParameterLayout.Of(config);
        var names = new HuggingFaceNames(config, Prefix(reader, config));
        RequireKnownTensors(reader, config, specs, names);
        var parameters = new Dictionary<string, Parameter>(StringComparer.Ordinal);
        try
        {
            foreach (var spec in specs)
            {
                parameters.Add(spec.Name, new Parameter(spec.Name, HuggingFaceTensor.Load(reader, spec, names.Of(spec), ModelFamily.Of(config))));
            }

            return new Decoder(config, parameters);
        }
        catch
        {
            foreach (var parameter in parameters.Values)
            {
                parameter.Dispose();
            }

            throw;
        }
    }

    private static void RequireWarranted(ModelConfig config, SafetensorsReader reader, string path)
    {
        try
        {
            config.RequireWarranted(reader.Entries.Count);
        }
        catch (ModelFormatException error)
        {
            throw ModelFormatException.At(path, error.Field, null, error.Message, error);
        }
    }

    internal static byte[] ReadConfig(string path)
    {
        try
        {
            return File.ReadAllBytes(path);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw ModelFormatException.At(path, null, null, "cannot be read. Download it into the folder again.", error);
        }
    }

    private static string Prefix(SafetensorsReader reader, ModelConfig config) =>
        Array.Find(Prefixes, prefix => reader.Entries.ContainsKey(prefix + HuggingFaceNames.EmbeddingOf(config)))
            ?? throw ModelFormatException.At(reader.Path, Prefixes[0] + HuggingFaceNames.EmbeddingOf(config), null, "this tensor is missing. Restore the file from its source.");

    // A tensor that belongs to the text model and would go unused means that the configuration says something else than the weights.
    private static void RequireKnownTensors(SafetensorsReader reader, ModelConfig config, IReadOnlyList<ParameterSpec> specs, HuggingFaceNames names)
    {
        var known = specs.Select(spec => names.Of(spec).Name).ToHashSet(StringComparer.Ordinal);
        var layers = names.Of(specs.First(spec => spec.Layer == 0)).Name;
        var prefix = layers[..(layers.IndexOf(".0.", StringComparison.Ordinal) + 1)];
        var extra = reader.Entries.Keys
            .Where(name => name.StartsWith(prefix, StringComparison.Ordinal) && !known.Contains(name) && !IsMask(name))
            .Min(StringComparer.Ordinal);
        if (extra is not null)
        {
            throw ModelFormatException.At(
                reader.PathOf(extra), extra, null, $"this tensor has no place in a {config.Architecture} model as config.json describes it. Use another model, or the config.json that belongs to it.");
        }
    }

    // Tables that old versions saved with the weights and that follow from the configuration.
    private static bool IsMask(string name) =>
        name.EndsWith(".rotary_emb.inv_freq", StringComparison.Ordinal)
        || name.EndsWith(".attn.bias", StringComparison.Ordinal)
        || name.EndsWith(".attn.masked_bias", StringComparison.Ordinal);
}
