using System.Text;
using System.Text.Json.Nodes;
using Parley.Tensors;

namespace Parley.Models.Tests;

public sealed class ModelConfigTests
{
    [Fact]
    public void Json_round_trips_every_field()
    {
        var config = TinyModels.Config(tied: true, RotaryStyle.Interleaved) with { NormEpsilon = 3e-7f, RopeTheta = 500_000.5f };
        Assert.Equal(config, ModelConfigJson.FromJson(config.ToJson()));
        Assert.Equal(config.ToJson(), ModelConfigJson.FromJson(config.ToJson()).ToJson());
    }

    [Fact]
    public void A_hugging_face_file_is_read_with_its_defaults_and_its_extra_keys()
    {
        var config = ModelConfigJson.FromJson("""
            {"architectures":["LlamaForCausalLM"],"model_type":"llama","hidden_act":"silu","hidden_size":576,"intermediate_size":1536,
             "max_position_embeddings":8192,"num_attention_heads":9,"num_hidden_layers":30,"rms_norm_eps":1e-05,"rope_scaling":null,
             "rope_theta":100000,"tie_word_embeddings":true,"torch_dtype":"bfloat16","use_cache":true,"vocab_size":49152,"num_key_value_heads":3}
            """u8.ToArray());
        Assert.Equal((576, 1536, 30, 9, 3, 64), (config.HiddenSize, config.IntermediateSize, config.Layers, config.Heads, config.KVHeads, config.HeadDim));
        Assert.Equal(134_515_008, config.ParameterCount); // SmolLM2-135M, as its model card counts
        Assert.Equal(RotaryStyle.Neox, config.RopeStyle);
    }

    [Theory]
    [InlineData("vocab_size", "null", "vocab_size")]
    [InlineData("vocab_size", "\"many\"", "vocab_size")]
    [InlineData("vocab_size", "1.5", "vocab_size")]
    [InlineData("vocab_size", "0", "vocab_size")]
    [InlineData("hidden_size", "99999999999", "hidden_size")]
    [InlineData("num_key_value_heads", "3", "num_key_value_heads")]
    [InlineData("num_attention_heads", "0", "num_attention_heads")]
    [InlineData("head_dim", "15", "head_dim")]
    [InlineData("head_dim", "1026", "head_dim")]
    [InlineData("scale_attn_weights", "false", "scale_attn_weights")]
    [InlineData("rms_norm_eps", "0", "rms_norm_eps")]
    [InlineData("rope_theta", "1e39", "rope_theta")]
    [InlineData("rope_scaling", "{\"rope_type\":\"llama3\"}", "rope_scaling")]
    [InlineData("hidden_act", "\"gelu\"", "hidden_act")]
    [InlineData("attention_bias", "2", "attention_bias")]
    [InlineData("rope_scaling", "{\"rope_type\":\"dynamic\",\"factor\":2}", "rope_scaling")]
    [InlineData("quantization_config", "{}", "quantization_config")]
    [InlineData("tie_word_embeddings", "1", "tie_word_embeddings")]
    [InlineData("model_type", "\"mamba\"", "model_type")]
    [InlineData("model_type", "\"\\ud800\"", "model_type")]
    public void A_wrong_field_is_refused_by_name(string key, string value, string field)
    {
        var json = JsonNode.Parse(TinyModels.Config().ToJson())!.AsObject();
        json.Remove(key);
        var text = json.ToJsonString()[..^1] + $",\"{key}\":{value}}}";
        var error = Assert.Throws<ModelFormatException>(() => ModelConfigJson.FromJson(Encoding.UTF8.GetBytes(text), "some/config.json"));
        Assert.Equal(field, error.Field);
        Assert.Contains("some/config.json", error.Message, StringComparison.Ordinal);
        Assert.Contains(field, error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("")]
    [InlineData("[]")]
    [InlineData("{\"vocab_size\":")]
    [InlineData("{\"vocab_size\":3,\"vocab_size\":4}")]
    public void What_is_no_object_is_refused(string text) =>
        Assert.Throws<ModelFormatException>(() => ModelConfigJson.FromJson(Encoding.UTF8.GetBytes(text)));

    [Fact]
    public void A_configuration_is_validated_before_it_becomes_a_model()
    {
        var error = Assert.Throws<ModelFormatException>(() => Decoder.Initialize(TinyModels.Config() with { KVHeads = 3 }, seed: 1));
        Assert.Contains("num_key_value_heads", error.Message, StringComparison.Ordinal);
    }
}
