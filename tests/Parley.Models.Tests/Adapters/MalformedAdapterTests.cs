using Parley.Tensors;
using Parley.Testing;

namespace Parley.Models.Tests.Adapters;

/// <summary>What is wrong with an adapter is said in one sentence that names file, field and remedy, before anything is loaded.</summary>
public sealed class MalformedAdapterTests : IDisposable
{
    private const string Query = "base_model.model.model.layers.0.self_attn.q_proj";
    private readonly TemporaryFolder _folder = new();
    private readonly ModelConfig _config = TinyModels.Config();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("use_dora", "true")]
    [InlineData("lora_bias", "true")]
    [InlineData("bias", "\"all\"")]
    [InlineData("modules_to_save", "[\"lm_head\"]")]
    [InlineData("layer_replication", "[[0,1]]")]
    [InlineData("init_lora_weights", "\"pissa_niter_16\"")]
    [InlineData("peft_type", "\"PREFIX_TUNING\"")]
    [InlineData("trainable_token_indices", "[1]")]
    [InlineData("some_future_setting", "\"on\"")]
    [InlineData("r", "\"three\"")]
    [InlineData("lora_alpha", "null")]
    [InlineData("rank_pattern", "{\"(\":3}")]
    public void Settings_that_cannot_be_honoured_are_refused_by_name(string key, string json)
    {
        Write(AdapterFiles.Settings((key, json)), Pair());
        AssertRefused(key, "adapter_config.json");
    }

    [Theory]
    [InlineData("fan_in_fan_out", "true")] // says how the base weight lies; the pair lies as ever
    [InlineData("init_lora_weights", "\"gaussian\"")]
    [InlineData("modules_to_save", "[]")]
    public void Settings_that_change_no_number_are_not(string key, string json)
    {
        Write(AdapterFiles.Settings((key, json)), Pair());
        AdapterFile.Load(_folder.Path, _config).Dispose();
    }

    [Fact]
    public void Ranks_and_scales_follow_patterns_and_stabilisation()
    {
        Write(
            AdapterFiles.Settings(("r", "7"), ("rank_pattern", """{"layers.0.self_attn.q_proj":3}"""), ("alpha_pattern", """{".*q_proj":6}"""), ("use_rslora", "true")),
            Pair());
        using var adapter = AdapterFile.Load(_folder.Path, _config);
        Assert.Equal((3, (float)(6 / Math.Sqrt(3))), (adapter.Pairs[0].Value.Rank, adapter.Pairs[0].Value.Scale));
        Write(AdapterFiles.Settings(("r", "7")), Pair());
        AssertRefused(Query, "rank 3");
    }

    [Fact]
    public void Tensors_that_do_not_fit_are_refused_by_name()
    {
        Write(AdapterFiles.Settings(), Pair(inputs: 31));
        AssertRefused(Query + ".lora_A.weight", "[3, 31]");
        Write(AdapterFiles.Settings(), Pair(outputs: 65));
        AssertRefused(Query + ".lora_B.weight", "[65, 3]");
        Write(AdapterFiles.Settings(), Pair(rankOfB: 2));
        AssertRefused(Query + ".lora_B.weight", "[64, 2]");
        Write(AdapterFiles.Settings(), Pair().Where(pair => !pair.Key.Contains("lora_B", StringComparison.Ordinal)));
        AssertRefused(Query + ".lora_A.weight", "missing");
        Write(AdapterFiles.Settings(), []);
        AssertRefused("lora_a");
        foreach (var module in new[] { "base_model.model.lm_head", "base_model.model.model.layers.7.self_attn.q_proj", "base_model.model.model.layers.0.mlp.experts.0.w1" })
        {
            Write(AdapterFiles.Settings(), [.. Pair(), .. Pair(module: module)]);
            AssertRefused(module);
        }

        foreach (var tensor in new[] { Query + ".lora_magnitude_vector", Query + ".lora_B.bias", "model.embed_tokens.weight" })
        {
            Write(AdapterFiles.Settings(), [.. Pair(), KeyValuePair.Create(tensor, Tensor.Allocate(new Shape(64)))]);
            AssertRefused(tensor);
        }

        var infinite = Pair();
        infinite[Query + ".lora_A.weight"].Fill(float.PositiveInfinity);
        Write(AdapterFiles.Settings(), infinite);
        AssertRefused(Query + ".lora_A.weight", "finite");
    }

    [Fact]
    public void Files_that_are_missing_or_cut_are_refused()
    {
        AssertRefused("adapter_config.json");
        File.WriteAllText(_folder.File("adapter_config.json"), AdapterFiles.Settings());
        AssertRefused("adapter_model.safetensors");
        File.WriteAllText(_folder.File("adapter_model.bin"), "");
        AssertRefused("adapter_model.bin", "pickle");
        Write(AdapterFiles.Settings(), Pair());
        var weights = _folder.File("adapter_model.safetensors");
        File.WriteAllBytes(weights, File.ReadAllBytes(weights)[..^9]);
        AssertRefused("truncated");
        File.WriteAllText(_folder.File("adapter_config.json"), "{\"r\":");
        AssertRefused("JSON");
        Assert.Contains("does not exist", Assert.Throws<ModelFormatException>(() => AdapterFile.Load(_folder.File("nothing"), _config)).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("general.type", "model")]
    [InlineData("adapter.type", "control_vector")]
    [InlineData("general.architecture", "qwen2")]
    public void A_GGUF_file_of_something_else_is_refused_by_its_key(string key, string value)
    {
        var metadata = AdapterFiles.Metadata("llama");
        metadata[key] = value;
        var path = _folder.File("lora.gguf");
        GgufWriter.Write(path, metadata, Gguf());
        AssertRefusedAt(path, key, value);
    }

    [Fact]
    public void A_GGUF_file_that_is_cut_or_lacks_a_half_is_refused()
    {
        var path = _folder.File("lora.gguf");
        GgufWriter.Write(path, AdapterFiles.Metadata("llama"), Gguf());
        AdapterFile.Load(path, _config).Dispose();
        File.WriteAllBytes(path, File.ReadAllBytes(path)[..^100]);
        AssertRefusedAt(path, "truncated");
        GgufWriter.Write(path, AdapterFiles.Metadata("llama"), Gguf()[..1]);
        AssertRefusedAt(path, "blk.0.attn_q.weight.lora_a", "missing");
        GgufWriter.Write(path, AdapterFiles.Metadata("llama"), [.. Gguf(), GgufTensorSource.Of("token_embd.weight.lora_a", Tensor.Allocate(new Shape(3, 32)))]);
        AssertRefusedAt(path, "token_embd.weight.lora_a");
        GgufWriter.Write(path, AdapterFiles.Metadata("llama"), [.. Gguf(), GgufTensorSource.Of("blk.0.attn_q.weight", Tensor.Allocate(new Shape(3, 32)))]);
        AssertRefusedAt(path, "neither");
    }

    private static GgufTensorSource[] Gguf() =>
        [GgufTensorSource.Of("blk.0.attn_q.weight.lora_a", Tensor.Allocate(new Shape(3, 32))), GgufTensorSource.Of("blk.0.attn_q.weight.lora_b", Tensor.Allocate(new Shape(64, 3)))];

    private static Dictionary<string, Tensor> Pair(string module = Query, int inputs = 32, int outputs = 64, int rankOfB = 3) => new(StringComparer.Ordinal)
    {
        [module + ".lora_A.weight"] = Tensor.Allocate(new Shape(3, inputs)),
        [module + ".lora_B.weight"] = Tensor.Allocate(new Shape(outputs, rankOfB)),
    };

    private void Write(string settings, IEnumerable<KeyValuePair<string, Tensor>> tensors) =>
        AdapterFiles.WriteFolder(_folder.Path, settings, "adapter_config.json", "adapter_model.safetensors", tensors.ToDictionary(StringComparer.Ordinal));

    private void AssertRefused(params string[] parts) => AssertRefusedAt(_folder.Path, parts);

    private void AssertRefusedAt(string path, params string[] parts)
    {
        var error = Assert.Throws<ModelFormatException>(() => AdapterFile.Load(path, _config));
        Assert.All(parts, part => Assert.Contains(part, error.Message, StringComparison.Ordinal));
        Assert.DoesNotContain('\n', error.Message);
    }
}
