using System.Buffers;
using System.Text.Json;
using Parley.Tensors;

namespace Parley.Models;

/// <summary>
/// Reads and writes <see cref="ModelConfig"/> under Hugging Face's config.json keys. Keys that change no number
/// (torch_dtype, use_cache, transformers_version ...) are ignored; keys that would, and are not implemented, are refused by name.
/// </summary>
public static class ModelConfigJson
{
    private const int MaximumBytes = 1 << 20;

    /// <summary>config.json as UTF-8, indented, keys in a fixed order: equal configurations give equal bytes.</summary>
    public static byte[] ToJson(this ModelConfig config)
    {
        config.Validate();
        var buffer = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(buffer, new JsonWriterOptions { Indented = true, NewLine = "\n" }))
        {
            writer.WriteStartObject();
            writer.WriteStartArray("architectures");
            writer.WriteStringValue("LlamaForCausalLM");
            writer.WriteEndArray();
            writer.WriteString("model_type", config.Architecture);
            writer.WriteString("hidden_act", "silu");
            writer.WriteNumber("vocab_size", config.VocabularySize);
            writer.WriteNumber("hidden_size", config.HiddenSize);
            writer.WriteNumber("intermediate_size", config.IntermediateSize);
            writer.WriteNumber("num_hidden_layers", config.Layers);
            writer.WriteNumber("num_attention_heads", config.Heads);
            writer.WriteNumber("num_key_value_heads", config.KVHeads);
            writer.WriteNumber("head_dim", config.HeadDim);
            writer.WriteNumber("max_position_embeddings", config.ContextLength);
            writer.WriteNumber("rms_norm_eps", config.RmsNormEpsilon);
            writer.WriteNumber("rope_theta", config.RopeTheta);
            writer.WriteBoolean("rope_interleaved", config.RopeStyle == RotaryStyle.Interleaved);
            writer.WriteBoolean("tie_word_embeddings", config.TieEmbeddings);
            writer.WriteBoolean("attention_bias", value: false);
            writer.WriteBoolean("mlp_bias", value: false);
            writer.WriteEndObject();
        }

        return buffer.WrittenSpan.ToArray();
    }

    /// <summary>
    /// Parses and validates. <paramref name="source"/> names the file in errors.
    /// Throws <see cref="ModelFormatException"/> naming the key that is missing, of the wrong kind, out of range or unsupported.
    /// </summary>
    public static ModelConfig FromJson(ReadOnlyMemory<byte> utf8, string source = "config.json")
    {
        if (utf8.Length > MaximumBytes)
        {
            throw ModelFormatException.At(source, null, null, $"is {utf8.Length} bytes long; a configuration is under {MaximumBytes}. Give a config.json.");
        }

        try
        {
            using var document = JsonDocument.Parse(utf8, new JsonDocumentOptions { AllowDuplicateProperties = false });
            return Parse(new JsonFields(document.RootElement, source));
        }
        catch (JsonException error)
        {
            throw ModelFormatException.At(source, null, error.BytePositionInLine, "is not valid JSON. Restore the file from its source.", error);
        }
    }

    private static ModelConfig Parse(JsonFields fields)
    {
        RefuseUnsupported(fields);
        var heads = fields.Integer("num_attention_heads");
        var hidden = fields.Integer("hidden_size");
        var config = new ModelConfig
        {
            Architecture = fields.Text("model_type"),
            VocabularySize = fields.Integer("vocab_size"),
            HiddenSize = hidden,
            IntermediateSize = fields.Integer("intermediate_size"),
            Layers = fields.Integer("num_hidden_layers"),
            Heads = heads,
            KVHeads = fields.Integer("num_key_value_heads", heads),
            HeadDim = fields.Integer("head_dim", heads > 0 ? hidden / heads : 0),
            ContextLength = fields.Integer("max_position_embeddings"),
            RmsNormEpsilon = fields.Number("rms_norm_eps", 1e-6f),
            RopeTheta = fields.Number("rope_theta", 10_000f),
            RopeStyle = fields.Flag("rope_interleaved") ? RotaryStyle.Interleaved : RotaryStyle.Neox,
            TieEmbeddings = fields.Flag("tie_word_embeddings"),
        };
        try
        {
            return config.Validate();
        }
        catch (ModelFormatException error)
        {
            throw ModelFormatException.At(fields.Source, error.Field, null, error.Message, error);
        }
    }

    private static void RefuseUnsupported(JsonFields fields)
    {
        fields.RequireAbsent("rope_scaling", "rotary scaling");
        fields.RequireAbsent("rope_parameters", "the rope_parameters object (give rope_theta)");
        fields.RequireAbsent("quantization_config", "a quantised safetensors model (load its GGUF)");
        fields.RequireAbsent("sliding_window", "sliding-window attention");
        foreach (var bias in (ReadOnlySpan<string>)["attention_bias", "mlp_bias"])
        {
            if (fields.Flag(bias))
            {
                throw fields.Error(bias, "biases in projections are not supported yet. Use a model without them.");
            }
        }

        var activation = fields.Text("hidden_act", "silu");
        if (!string.Equals(activation, "silu", StringComparison.Ordinal))
        {
            throw fields.Error("hidden_act", $"the activation \"{activation}\" is not supported; \"silu\" is. Use a Llama-style model.");
        }
    }
}
