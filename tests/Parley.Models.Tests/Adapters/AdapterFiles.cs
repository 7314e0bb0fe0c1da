using System.Text.Json;
using Parley.Tensors;

namespace Parley.Models.Tests.Adapters;

/// <summary>
/// Adapters as other programs write them, made from the tensors of a model's own file: a random pair for each matrix of a layer, and the
/// same file with each pair folded into its matrix, by nothing of what is tested.
/// </summary>
internal static class AdapterFiles
{
    public const int Rank = 3;
    public const float Alpha = 4.5f;

    /// <summary>Writes PEFT's folder beside a Hugging Face folder's weights, and the folder with both merged.</summary>
    public static void WritePeft(string source, string merged, string adapter, bool transposed)
    {
        using var reader = SafetensorsReader.Open(source);
        var weights = reader.Entries.Keys.ToDictionary(name => name, reader.Read, StringComparer.Ordinal);
        var pairs = new Dictionary<string, Tensor>(StringComparer.Ordinal);
        foreach (var (name, stream) in weights.Keys.Where(name => weights[name].Shape.Rank == 2 && IsLayers(name)).Order(StringComparer.Ordinal).Select((name, i) => (name, (ulong)i)))
        {
            var shape = transposed ? new Shape(weights[name].Shape[1], weights[name].Shape[0]) : weights[name].Shape;
            var (a, b) = Pair(shape, stream);
            var module = "base_model.model." + name[..^".weight".Length];
            pairs.Add(module + ".lora_A.weight", a);
            pairs.Add(module + ".lora_B.weight", b);
            Fold(weights[name], a, b, transposed);
        }

        WriteFolder(merged, File.ReadAllText(Path.Combine(source, "config.json")), "config.json", "model.safetensors", weights);
        WriteFolder(adapter, Settings(), "adapter_config.json", "adapter_model.safetensors", pairs);
    }

    /// <summary>Writes llama.cpp's adapter beside a model's GGUF file, and the file with both merged.</summary>
    public static void WriteGguf(string source, string merged, string adapter)
    {
        using var reader = GgufReader.Open(source);
        var weights = reader.Tensors.Keys.ToDictionary(name => name, reader.Read, StringComparer.Ordinal);
        var pairs = new List<GgufTensorSource>();
        foreach (var (name, stream) in weights.Keys.Where(name => weights[name].Shape.Rank == 2 && name.StartsWith("blk.", StringComparison.Ordinal)).Select((name, i) => (name, (ulong)i)))
        {
            var (a, b) = Pair(weights[name].Shape, stream);
            pairs.Add(GgufTensorSource.Of(name + ".lora_a", a));
            pairs.Add(GgufTensorSource.Of(name + ".lora_b", b));
            Fold(weights[name], a, b, transposed: false);
        }

        GgufWriter.Write(merged, reader.Metadata, [.. weights.Select(pair => GgufTensorSource.Of(pair.Key, pair.Value))]);
        GgufWriter.Write(adapter, Metadata(reader.Metadata.Text("general.architecture")), pairs);
    }

    public static GgufMetadata Metadata(string architecture) => new()
    {
        ["general.architecture"] = architecture,
        ["general.type"] = "adapter",
        ["adapter.type"] = "lora",
        ["adapter.lora.alpha"] = Alpha,
    };

    /// <summary>adapter_config.json as PEFT 0.17 writes it, with some members replaced.</summary>
    public static string Settings(params (string Key, string Json)[] changes)
    {
        var settings = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["alpha_pattern"] = "{}", ["auto_mapping"] = "null", ["base_model_name_or_path"] = "\"some/model\"", ["bias"] = "\"none\"", ["corda_config"] = "null",
            ["eva_config"] = "null", ["exclude_modules"] = "null", ["fan_in_fan_out"] = "false", ["inference_mode"] = "true", ["init_lora_weights"] = "true",
            ["layer_replication"] = "null", ["layers_pattern"] = "null", ["layers_to_transform"] = "null", ["loftq_config"] = "{}", ["lora_alpha"] = "4.5",
            ["lora_bias"] = "false", ["lora_dropout"] = "0.05", ["megatron_config"] = "null", ["megatron_core"] = "\"megatron.core\"", ["modules_to_save"] = "null",
            ["peft_type"] = "\"LORA\"", ["qalora_group_size"] = "16", ["r"] = "3", ["rank_pattern"] = "{}", ["revision"] = "null",
            ["target_modules"] = "[\"q_proj\",\"v_proj\"]", ["target_parameters"] = "null", ["task_type"] = "\"CAUSAL_LM\"", ["trainable_token_indices"] = "null",
            ["use_dora"] = "false", ["use_qalora"] = "false", ["use_rslora"] = "false",
        };
        foreach (var (key, json) in changes)
        {
            settings[key] = json;
        }

        return "{" + string.Join(',', settings.Select(pair => $"{JsonSerializer.Serialize(pair.Key)}:{pair.Value}")) + "}";
    }

    public static void WriteFolder(string folder, string settings, string settingsName, string weightsName, IReadOnlyDictionary<string, Tensor> tensors)
    {
        Directory.CreateDirectory(folder);
        File.WriteAllText(Path.Combine(folder, settingsName), settings);
        using var stream = File.Create(Path.Combine(folder, weightsName));
        SafetensorsWriter.Write(stream, tensors);
    }

    private static bool IsLayers(string name) =>
        (name.Contains("layers.", StringComparison.Ordinal) || name.Contains("h.", StringComparison.Ordinal)) && !name.Contains("experts.", StringComparison.Ordinal);

    private static (Tensor A, Tensor B) Pair(Shape shape, ulong stream)
    {
        var (a, b) = (Tensor.Allocate(new Shape(Rank, shape[1])), Tensor.Allocate(new Shape(shape[0], Rank)));
        Philox.FillNormal(a, 5, 2 * stream, 1 / MathF.Sqrt(shape[1]));
        Philox.FillNormal(b, 5, (2 * stream) + 1, 0.3f);
        return (a, b);
    }

    private static void Fold(Tensor weight, Tensor a, Tensor b, bool transposed)
    {
        var (values, downs, ups) = (weight.ToArray(), a.ToArray(), b.ToArray());
        var (outputs, inputs) = (b.Shape[0], a.Shape[1]);
        for (var output = 0; output < outputs; output++)
        {
            for (var input = 0; input < inputs; input++)
            {
                var sum = Enumerable.Range(0, Rank).Sum(j => (double)ups[(output * Rank) + j] * downs[(j * inputs) + input]);
                ref var value = ref values[transposed ? (input * outputs) + output : (output * inputs) + input];
                value = (float)(value + (Alpha / Rank * sum));
            }
        }

        weight.CopyFrom(values);
    }
}
