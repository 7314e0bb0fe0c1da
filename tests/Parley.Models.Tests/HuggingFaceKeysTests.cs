using System.Text;
using System.Text.Json.Nodes;

namespace Parley.Models.Tests;

/// <summary>Keys of a config.json that few files have and that change the numbers: what transformers makes of each.</summary>
public sealed class HuggingFaceKeysTests
{
    [Theory]
    [InlineData("smollm3", """{"use_sliding_window":true,"sliding_window":9}""", 9, "0001")]
    [InlineData("smollm3", """{"use_sliding_window":true,"sliding_window":9,"no_rope_layers":[0,1,0,1]}""", 9, "101")]
    [InlineData("smollm3", """{"use_sliding_window":true,"sliding_window":null}""", 0, "none")]
    [InlineData("qwen2", """{"use_sliding_window":true,"max_window_layers":null}""", 0, "none")] // the first 28 layers see all
    [InlineData("qwen2", """{"use_sliding_window":true,"max_window_layers":1}""", 8, "0111")]
    [InlineData("qwen2", """{"use_sliding_window":true,"max_window_layers":null,"num_hidden_layers":30}""", 8, "000000000000000000000000000011")]
    [InlineData("qwen3", """{"use_sliding_window":true,"max_window_layers":3}""", 4096, "0001")]
    [InlineData("qwen3", """{"use_sliding_window":true,"max_window_layers":3,"sliding_window":null}""", 0, "none")]
    [InlineData("qwen3", """{"sliding_window":9,"max_window_layers":0}""", 0, "none")]
    [InlineData("qwen3moe", """{"use_sliding_window":true,"sliding_window":9}""", 9, "1111")]
    [InlineData("llama", """{"sliding_window":9}""", 0, "none")]
    [InlineData("llama", """{"sliding_window":9,"use_sliding_window":true,"layer_types":["sliding_attention"]}""", 0, "none")]
    [InlineData("granite", """{"sliding_window":9}""", 0, "none")]
    [InlineData("mistral", """{"sliding_window":9,"max_window_layers":2}""", 9, "1111")]
    [InlineData("phi3", """{"sliding_window":9}""", 9, "1111")]
    [InlineData("qwen2", """{"use_sliding_window":true,"layer_types":["sliding_attention","full_attention","sliding_attention"]}""", 8, "101")]
    public void A_window_is_for_the_layers_that_transformers_gives_it(string family, string keys, int window, string layers)
    {
        var config = Read(family, keys);
        Assert.Equal((window, layers), (config.SlidingWindow, config.WindowedLayers.ToString()));
    }

    [Fact]
    public void Yarn_need_not_round_its_borders()
    {
        const string yarn = """{"rope_parameters":{"rope_type":"yarn","rope_theta":10000.0,"factor":4.0,"original_max_position_embeddings":32,"truncate":TRUNCATE}}""";
        var config = Read("qwen2", yarn.Replace("TRUNCATE", "false", StringComparison.Ordinal));
        Assert.False(config.RopeScaling!.WholePairs);
        Assert.Equal(config, ModelConfigJson.FromJson(config.ToJson()));
        Assert.Equal(Families.Config("qwen2"), Read("qwen2", yarn.Replace("TRUNCATE", "true", StringComparison.Ordinal)));
        Assert.NotEqual(config.ToJson(), Families.Config("qwen2").ToJson());
        Assert.DoesNotContain("whole_pairs", Encoding.UTF8.GetString(Families.Config("qwen2").ToJson()), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"original_max_position_embeddings":null,"rope_scaling":{"type":"longrope","factor":32.0,FACTORS}}""", 128, 1.3093073)] // ln 32 / ln 128 is 5/7
    [InlineData("""{"original_max_position_embeddings":null,"rope_scaling":{"type":"longrope",FACTORS}}""", 128, 1)]
    [InlineData("""{"original_max_position_embeddings":64,"rope_scaling":{"type":"longrope","factor":32.0,FACTORS}}""", 64, 1.0801234)] // ln 2 / ln 64 is 1/6
    public void LongRopes_magnitude_is_by_the_contexts_or_else_by_the_factor(string keys, int original, double magnitude)
    {
        var config = Read("phi3", keys.Replace("FACTORS", "\"short_factor\":[1,1,1,1,2,2],\"long_factor\":[1,2,3,4,5,6.5]", StringComparison.Ordinal));
        Assert.Equal(original, config.RopeScaling!.OriginalContext);
        Assert.Equal(magnitude, RopeFrequencies.Of(config, local: false).Magnitude, 1e-6);
        Assert.Equal(config, ModelConfigJson.FromJson(config.ToJson()));
    }

    [Fact]
    public void Gpt_2_without_its_scale_is_refused()
    {
        Assert.Equal(Families.Config("gpt2"), Read("gpt2", """{"scale_attn_weights":true}"""));
        Assert.Equal("scale_attn_weights", Assert.Throws<ModelFormatException>(() => Read("gpt2", """{"scale_attn_weights":false}""")).Field);
    }

    [Theory]
    [InlineData("gpt2", """{"n_embd":60,"n_head":4}""", 15)] // heads that are not turned may be odd
    [InlineData("gpt2", """{"n_embd":1024,"n_head":1}""", 1024)]
    [InlineData("gpt2", """{"n_embd":1025,"n_head":1}""", 0)]
    [InlineData("llama", """{"head_dim":1024}""", 1024)]
    [InlineData("llama", """{"head_dim":1026}""", 0)]
    [InlineData("llama", """{"head_dim":17}""", 0)]
    public void A_head_is_as_wide_as_attention_can_be_computed(string family, string keys, int width)
    {
        if (width > 0)
        {
            Assert.Equal(width, Read(family, keys).HeadDim);
        }
        else
        {
            Assert.Equal("head_dim", Assert.Throws<ModelFormatException>(() => Read(family, keys)).Field);
        }
    }

    // The family's file with some keys replaced or added.
    private static ModelConfig Read(string family, string keys)
    {
        var json = JsonNode.Parse(Families.Json(family))!.AsObject();
        foreach (var (key, value) in JsonNode.Parse(keys)!.AsObject())
        {
            json[key] = value?.DeepClone();
        }

        return ModelConfigJson.FromJson(Encoding.UTF8.GetBytes(json.ToJsonString()), "some/config.json");
    }
}
