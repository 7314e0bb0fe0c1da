using System.Text.RegularExpressions;
using Parley.Tensors;

namespace Parley.Models.Tests;

/// <summary>Writes a decoder as transformers would: its names, its fused and transposed tensors, its gains less one.</summary>
internal static partial class HuggingFaceFolder
{
    public static void Write(string folder, string family, Decoder decoder, string prefix = "model.")
    {
        Directory.CreateDirectory(folder);
        File.WriteAllText(Path.Combine(folder, "config.json"), Families.Json(family));
        var stored = new Dictionary<string, Tensor>(StringComparer.Ordinal);
        foreach (var group in decoder.Parameters.GroupBy(parameter => Name(family, parameter.Name), StringComparer.Ordinal))
        {
            var (rows, columns) = (group.Sum(part => part.Value.Shape[0]), group.First().Value.Shape.Last);
            var rank = group.First().Value.Shape.Rank;
            var values = group.SelectMany(part => part.Value.ToArray()).ToArray();
            if (family is "gemma2" or "gemma3" && group.Key.Contains("norm", StringComparison.Ordinal))
            {
                values = Array.ConvertAll(values, value => value - 1);
            }

            if (family == "gpt2" && rank == 2 && group.Key.StartsWith("h.", StringComparison.Ordinal))
            {
                values = [.. Enumerable.Range(0, values.Length).Select(i => values[(i % rows * columns) + (i / rows)])];
                (rows, columns) = (columns, rows);
            }

            var name = group.Key == "lm_head.weight" ? group.Key : prefix + group.Key;
            stored.Add(name, Tensor.FromHost(rank == 1 ? new Shape(rows) : new Shape(rows, columns), values));
        }

        using var stream = File.Create(Path.Combine(folder, "model.safetensors"));
        SafetensorsWriter.Write(stream, stored);
    }

    private static string Name(string family, string ours)
    {
        var name = ours.StartsWith("model.", StringComparison.Ordinal) ? ours["model.".Length..] : ours;
        return family switch
        {
            "mixtral" => name.Replace("mlp.", "block_sparse_moe.", StringComparison.Ordinal).Replace("gate_proj", "w1", StringComparison.Ordinal)
                .Replace("down_proj", "w2", StringComparison.Ordinal).Replace("up_proj", "w3", StringComparison.Ordinal),
            "phi3" => GateUp().Replace(QueryKeyValue().Replace(name, "self_attn.qkv_proj"), "mlp.gate_up_proj"),
            "gpt2" => QueryKeyValue().Replace(name, "attn.c_attn").Replace("self_attn.o_proj", "attn.c_proj", StringComparison.Ordinal)
                .Replace("layers.", "h.", StringComparison.Ordinal).Replace("input_layernorm", "ln_1", StringComparison.Ordinal)
                .Replace("post_attention_layernorm", "ln_2", StringComparison.Ordinal).Replace("mlp.up_proj", "mlp.c_fc", StringComparison.Ordinal)
                .Replace("mlp.down_proj", "mlp.c_proj", StringComparison.Ordinal).Replace("embed_tokens", "wte", StringComparison.Ordinal)
                .Replace("embed_positions", "wpe", StringComparison.Ordinal).Replace("norm.", "ln_f.", StringComparison.Ordinal),
            _ => name,
        };
    }

    [GeneratedRegex(@"self_attn\.[qkv]_proj", RegexOptions.NonBacktracking)]
    private static partial Regex QueryKeyValue();

    [GeneratedRegex(@"mlp\.(?:gate|up)_proj", RegexOptions.NonBacktracking)]
    private static partial Regex GateUp();
}
