using System.Buffers;
using System.Text.Json;
using Parley.Tensors;

namespace Parley.Models;

/// <summary>
/// Writes <see cref="ModelConfig"/> as a config.json and reads one, ours or Hugging Face's (<see cref="HuggingFaceConfig"/>). Sizes stand
/// under Hugging Face's keys; whatever else differs from a plain Llama stands, under our own names, in the object "parley", and
/// where that object is, it alone counts.
/// </summary>
public static class ModelConfigJson
{
    private const string Own = "parley";
    private const int MaximumBytes = 1 << 20;

    /// <summary>config.json as UTF-8, indented, keys in a fixed order: equal configurations give equal bytes.</summary>
    public static byte[] ToJson(this ModelConfig config)
    {
        config.Validate();
        var family = ModelFamily.Of(config);
        var buffer = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(buffer, new JsonWriterOptions { Indented = true, NewLine = "\n" }))
        {
            writer.WriteStartObject();
            writer.WriteStartArray("architectures");
            writer.WriteStringValue(family.Class);
            writer.WriteEndArray();
            writer.WriteString("model_type", family.HuggingFaceType);
            writer.WriteString("hidden_act", ActivationName(config.Activation));
            writer.WriteNumber("vocab_size", config.VocabularySize);
            writer.WriteNumber("hidden_size", config.HiddenSize);
            writer.WriteNumber("intermediate_size", config.IntermediateSize);
            writer.WriteNumber("num_hidden_layers", config.Layers);
            writer.WriteNumber("num_attention_heads", config.Heads);
            writer.WriteNumber("num_key_value_heads", config.KVHeads);
            writer.WriteNumber("head_dim", config.HeadDim);
            writer.WriteNumber("max_position_embeddings", config.ContextLength);
            writer.WriteNumber("rms_norm_eps", config.NormEpsilon);
            writer.WriteNumber("rope_theta", config.RopeTheta);
            writer.WriteBoolean("rope_interleaved", config.RopeStyle == RotaryStyle.Interleaved);
            writer.WriteBoolean("tie_word_embeddings", config.TieEmbeddings);
            writer.WriteBoolean("attention_bias", config.QueryKeyValueBias && config.OutputBias);
            writer.WriteBoolean("mlp_bias", config.MlpBias);
            if (config != OwnFields.PlainLlama(config))
            {
                writer.WriteStartObject(Own);
                OwnFields.Write(writer, config);
                writer.WriteEndObject();
            }

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
            throw ModelFormatException.At(source, null, Offset(utf8.Span, error), "is not valid JSON. Restore the file from its source.", error);
        }
    }

    /// <summary>True for a configuration that <see cref="ToJson"/> wrote of a model that is no plain Llama.</summary>
    internal static bool IsOurs(ReadOnlyMemory<byte> utf8)
    {
        using var document = JsonDocument.Parse(utf8);
        return document.RootElement.TryGetProperty(Own, out _);
    }

    private static string ActivationName(Activation activation) => activation switch
    {
        Activation.Silu => "silu",
        Activation.GeluErf => "gelu",
        Activation.Relu2 => "relu2",
        _ => "gelu_pytorch_tanh",
    };

    private static long Offset(ReadOnlySpan<byte> utf8, JsonException error)
    {
        var start = 0;
        for (var line = 0L; line < error.LineNumber; line++)
        {
            start += utf8[start..].IndexOf((byte)'\n') + 1;
        }

        return start + (error.BytePositionInLine ?? 0);
    }

    private static ModelConfig Parse(JsonFields fields)
    {
        try
        {
            return (fields.Object(Own) is { } own ? OwnFields.Read(fields, own) : HuggingFaceConfig.Read(fields)).Validate();
        }
        catch (ModelFormatException error) when (error.File is null)
        {
            throw ModelFormatException.At(fields.Source, error.Field, null, error.Message, error);
        }
    }
}
