using System.Buffers;
using System.Text.Json;
using Parley.Tensors;

namespace Parley.Models;

/// <summary>
/// Writes an adapter as PEFT or llama.cpp's converter would save it, so that what was trained here is served anywhere: F32, so that it is read back with the same
/// <see cref="Adapter.Id"/>. Folder or file appear whole or not at all.
/// </summary>
public static class AdapterWriter
{
    /// <param name="folder">Must not exist yet.</param>
    /// <param name="config">The model that it adapts.</param>
    /// <param name="baseModel">What adapter_config.json calls that model; null: nothing.</param>
    /// <exception cref="ModelFormatException">The family fuses maps that are adapted here one by one, which PEFT has no name for.</exception>
    /// <exception cref="IOException">It cannot be written, or is there already.</exception>
    public static void WritePeft(string folder, Adapter adapter, ModelConfig config, string? baseModel = null)
    {
        var modules = PeftAdapter.Modules(config, HuggingFaceModel.Prefixes[0]).Values.ToArray();
        if (Array.Find(modules, module => module.Parts.Count > 1) is { } fused)
        {
            throw new ModelFormatException($"A {config.Architecture} model has '{fused.Name}' as one map, which is adapted here in parts; PEFT cannot store that.");
        }

        var names = modules.ToDictionary(module => module.Parts[0].Spec.Name, module => module.Name, StringComparer.Ordinal);
        var pairs = adapter.Pairs.Select(pair => (Module: names[pair.Key], Pair: pair.Value)).ToArray();
        try
        {
            using var staging = StagingFolder.Create(folder);
            Write(Path.Combine(staging.Path, PeftConfig.FileName), stream => stream.Write(Settings(pairs, names.Values, baseModel)));
            Write(Path.Combine(staging.Path, PeftAdapter.WeightsName), stream => SafetensorsWriter.Write(stream, Tensors(pairs), new Dictionary<string, string>(StringComparer.Ordinal) { ["format"] = "pt" }));
            staging.Commit();
        }
        catch (Exception error) when (DurableFiles.IsDiskError(error))
        {
            throw DurableFiles.NotWritten($"The adapter '{folder}'", error);
        }
    }

    /// <summary>A GGUF file as <see cref="GgufAdapter"/> reads it.</summary>
    /// <param name="path">Replaced only when the whole file is written.</param>
    /// <param name="config">The model that it adapts.</param>
    /// <exception cref="ModelFormatException">The family fuses maps that are adapted here one by one, or the pairs differ in alpha; GGUF cannot say either.</exception>
    /// <exception cref="IOException">It cannot be written.</exception>
    public static void WriteGguf(string path, Adapter adapter, ModelConfig config)
    {
        float[] alphas = [.. adapter.Pairs.Select(pair => (float)AlphaOf(pair.Value)).Distinct()];
        if (alphas.Length > 1)
        {
            throw new ModelFormatException("The pairs of this adapter differ in alpha, which GGUF cannot store; write PEFT's folder instead.");
        }

        var metadata = new GgufMetadata
        {
            ["general.architecture"] = ModelFamily.Of(config).GgufName,
            ["general.type"] = "adapter",
            ["adapter.type"] = "lora",
            ["adapter.lora.alpha"] = alphas[0],
        };
        var specs = AdapterLayout.Of(config).ToDictionary(spec => spec.Name, StringComparer.Ordinal);
        GgufWriter.Write(path, metadata, [.. adapter.Pairs.SelectMany(pair => GgufAdapter.Sources(specs[pair.Key], pair.Value, config))]);
    }

    /// <summary>Exact in double precision, so that dividing by the rank gives the scale again.</summary>
    internal static double AlphaOf(LowRankPair pair) => (double)pair.Scale * pair.Rank;

    private static void Write(string path, Action<Stream> write)
    {
        using var stream = DurableFiles.Create(path);
        write(stream);
        stream.Flush(flushToDisk: true);
    }

    private static Dictionary<string, Tensor> Tensors(IEnumerable<(string Module, LowRankPair Pair)> pairs) => pairs
        .SelectMany(pair => new[]
        {
            KeyValuePair.Create(PeftAdapter.Root + pair.Module + PeftAdapter.A, pair.Pair.A.Value),
            KeyValuePair.Create(PeftAdapter.Root + pair.Module + PeftAdapter.B, pair.Pair.B.Value),
        })
        .ToDictionary(StringComparer.Ordinal);

    private static ReadOnlySpan<byte> Settings((string Module, LowRankPair Pair)[] pairs, IEnumerable<string> modules, string? baseModel)
    {
        var (rank, alpha) = pairs.GroupBy(pair => (pair.Pair.Rank, Alpha: AlphaOf(pair.Pair))).MaxBy(group => group.Count())!.Key;
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer, new JsonWriterOptions { Indented = true }))
        {
            json.WriteStartObject();
            json.WriteString("peft_type", "LORA");
            json.WriteString("task_type", "CAUSAL_LM");
            json.WriteString("base_model_name_or_path", baseModel);
            json.WriteNumber("r", rank);
            json.WriteNumber("lora_alpha", alpha);
            WritePatterns(json, "rank_pattern", pairs.Where(pair => pair.Pair.Rank != rank).Select(pair => (pair.Module, (double)pair.Pair.Rank)));
            WritePatterns(json, "alpha_pattern", pairs.Where(pair => AlphaOf(pair.Pair) != alpha).Select(pair => (pair.Module, AlphaOf(pair.Pair))));
            json.WriteBoolean("use_rslora", false);
            json.WriteString("bias", "none");
            json.WriteNumber("lora_dropout", 0);
            json.WriteBoolean("inference_mode", true);
            json.WriteStartArray("target_modules");
            foreach (var target in Targets([.. pairs.Select(pair => pair.Module)], modules))
            {
                json.WriteStringValue(target);
            }

            json.WriteEndArray();
            json.WriteEndObject();
        }

        return buffer.WrittenSpan;
    }

    // Short names where they mean exactly the adapted modules, as PEFT's users write them; whole names otherwise.
    private static IEnumerable<string> Targets(HashSet<string> adapted, IEnumerable<string> all)
    {
        static string Short(string module) => module[(module.LastIndexOf('.') + 1)..];
        var names = adapted.Select(Short).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal).ToArray();
        return all.Where(module => names.Contains(Short(module))).All(adapted.Contains) ? names : adapted.Order(StringComparer.Ordinal);
    }

    private static void WritePatterns(Utf8JsonWriter json, string name, IEnumerable<(string Module, double Value)> values)
    {
        json.WriteStartObject(name);
        foreach (var (module, value) in values)
        {
            json.WriteNumber(module, value);
        }

        json.WriteEndObject();
    }
}
