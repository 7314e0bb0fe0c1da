using Parley.Tensors;
using Parley.Testing;

namespace Parley.Models.Tests;

public sealed class GgufModelTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void An_F32_export_loads_as_the_same_model_to_the_bit(bool tied)
    {
        using var decoder = TinyModels.Lively(TinyModels.Config(tied));
        var path = Export(decoder, DType.F32);
        using var model = GgufModel.Load(path);
        Assert.Equal(decoder.Config, model.Config);
        Assert.Equal(decoder.WeightsId, model.Decoder.WeightsId);
    }

    [Theory]
    [InlineData(DType.F16)]
    [InlineData(DType.BF16)]
    [InlineData(DType.Q8_0)]
    public void Smaller_types_hold_the_rounded_matrices_and_exact_norms(DType type)
    {
        using var decoder = TinyModels.Lively(TinyModels.Config());
        using var model = GgufModel.Load(Export(decoder, type));
        foreach (var (original, loaded) in decoder.Parameters.Zip(model.Decoder.Parameters))
        {
            using var expected = Tensor.Allocate(original.Value.Shape, original.Value.Shape.Rank == 1 ? DType.F32 : type);
            expected.CopyFrom(original.Value.ToArray());
            Assert.Equal(expected.DType, loaded.Value.DType);
            Assert.Equal(expected.Bytes, loaded.Value.Bytes);
        }

        // What is stored already is copied, not rounded again.
        using var again = GgufModel.Load(Export(model.Decoder, type));
        Assert.Equal(model.Decoder.WeightsId, again.Decoder.WeightsId);
    }

    [Fact]
    public void Query_and_key_rows_are_stored_as_interleaved_pairs()
    {
        using var decoder = TinyModels.Lively(TinyModels.Config());
        using var reader = GgufReader.Open(Export(decoder, DType.F32));
        var halves = decoder.Parameters.Single(parameter => parameter.Name.EndsWith("0.self_attn.k_proj.weight", StringComparison.Ordinal)).Value;
        using var pairs = reader.Map("blk.0.attn_k.weight");
        for (var head = 0; head < 2; head++)
        {
            for (var i = 0; i < 8; i++)
            {
                // llama.cpp: w.reshape(heads, 2, dim / 2, in).swapaxes(1, 2)
                Assert.Equal(halves.Rows((head * 16) + i, 1).Bytes, pairs.Rows((head * 16) + (2 * i), 1).Bytes);
                Assert.Equal(halves.Rows((head * 16) + 8 + i, 1).Bytes, pairs.Rows((head * 16) + (2 * i) + 1, 1).Bytes);
            }
        }
    }

    [Fact]
    public void The_metadata_is_llama_cpps_and_further_keys_pass_through()
    {
        using var decoder = TinyModels.Lively(TinyModels.Config());
        var path = _folder.File("m.gguf");
        GgufMetadata further = new() { ["tokenizer.ggml.tokens"] = new[] { "a", "b" }, ["general.name"] = "tiny" };
        GgufModel.Export(path, decoder, DType.Q8_0, further);
        using var model = GgufModel.Load(path);
        Assert.Equal(["a", "b"], model.Metadata.Texts("tokenizer.ggml.tokens"));
        Assert.Equal("tiny", model.Metadata.Text("general.name"));
        Assert.Equal("llama", model.Metadata.Text("general.architecture"));
        Assert.Equal(7, model.Metadata.Integer("general.file_type"));
        Assert.Equal(
            (2, 4, 2, 16, 32, 64, 48, 128),
            (Key("block_count"), Key("attention.head_count"), Key("attention.head_count_kv"), Key("rope.dimension_count"),
                Key("embedding_length"), Key("feed_forward_length"), Key("vocab_size"), Key("context_length")));
        Assert.Throws<ArgumentException>(() => GgufModel.Export(path, decoder, DType.F32, new GgufMetadata { ["llama.block_count"] = 9u }));

        int Key(string name) => model.Metadata.Integer("llama." + name);
    }

    [Fact]
    public void Rows_that_are_no_whole_blocks_fall_back_to_F16()
    {
        using var decoder = TinyModels.Lively(TinyModels.Config() with { HiddenSize = 48 });
        using var model = GgufModel.Load(Export(decoder, DType.Q8_0));
        Assert.Equal([DType.F32, DType.F16, DType.Q8_0], model.Decoder.Parameters.Select(parameter => parameter.Value.DType).Distinct().Order());
    }

    [Fact]
    public void An_interleaved_model_is_exported_as_it_is_and_loads_as_the_equal_halves_model()
    {
        using var decoder = TinyModels.Lively(TinyModels.Config(style: RotaryStyle.Interleaved));
        using var model = GgufModel.Load(Export(decoder, DType.F32));
        Assert.Equal(RotaryStyle.Neox, model.Config.RopeStyle);
        var tokens = TinyModels.Tokens(20, 48);
        var expected = ReferenceDecoder.Logits(decoder.Config, TinyModels.Weights(decoder), tokens);
        var actual = ReferenceDecoder.Logits(model.Config, TinyModels.Weights(model.Decoder), tokens);
        for (var row = 0; row < tokens.Length; row++)
        {
            Assert.All(expected[row].Zip(actual[row]), pair => Assert.Equal(pair.First, pair.Second, 1e-9));
        }
    }

    [Theory]
    [InlineData("llama.attention.head_count_kv", "num_key_value_heads", 3u)]
    [InlineData("llama.rope.dimension_count", "rotary_dim", 18u)]
    [InlineData("llama.expert_count", "num_experts_per_tok", 4u)]
    [InlineData("llama.attention.value_length", "llama.attention.value_length", 8u)]
    [InlineData("llama.embedding_length", "token_embd.weight", 64u)]
    [InlineData("llama.block_count", "blk.2.attn_norm.weight", 3u)]
    [InlineData("llama.block_count", "blk.1.attn_norm.weight", 1u)]
    [InlineData("llama.context_length", "max_position_embeddings", 0u)]
    [InlineData("llama.rope.scaling.yarn_ext_factor", "llama.rope.scaling.yarn_ext_factor", 1u)]
    [InlineData("llama.rope.scaling.yarn_attn_factor", "llama.rope.scaling.yarn_attn_factor", 2u)]
    public void A_model_that_contradicts_itself_is_refused_by_name(string key, string field, uint value)
    {
        using var decoder = TinyModels.Lively(TinyModels.Config());
        var path = Copy(Export(decoder, DType.F32), metadata => metadata[key] = value);
        var error = Assert.Throws<ModelFormatException>(() => GgufModel.Load(path));
        Assert.Equal((path, field), (error.File, error.Field));
    }

    [Theory]
    [InlineData("yarn_ext_factor", -1f, true)]
    [InlineData("yarn_ext_factor", 1f, true)]
    [InlineData("yarn_ext_factor", 0f, false)]
    [InlineData("yarn_ext_factor", 0.5f, false)]
    [InlineData("yarn_attn_factor", 1f, true)]
    [InlineData("yarn_attn_factor", 0.8f, false)]
    public void Yarns_further_factors_are_as_usual_or_refused_by_name(string key, float value, bool isUsual)
    {
        using var decoder = TinyModels.Lively(Families.Config("qwen2"));
        var path = Copy(Export(decoder, DType.F32), metadata => metadata[$"qwen2.rope.scaling.{key}"] = value);
        if (isUsual)
        {
            using var model = GgufModel.Load(path);
            Assert.Equal(decoder.Config, model.Config);
        }
        else
        {
            Assert.Equal($"qwen2.rope.scaling.{key}", Assert.Throws<ModelFormatException>(() => GgufModel.Load(path)).Field);
        }
    }

    [Fact]
    public void Yarn_without_whole_pairs_is_stored_as_divisors_and_a_magnitude()
    {
        var scaling = new RopeScaling { Kind = RopeScalingKind.Yarn, Factor = 4, OriginalContext = 32, WholePairs = false };
        using var decoder = TinyModels.Lively(TinyModels.Config() with { RopeScaling = scaling });
        using var model = GgufModel.Load(Export(decoder, DType.F32));
        var (expected, magnitude) = RopeFrequencies.Of(decoder.Config, local: false);
        var (actual, read) = RopeFrequencies.Of(model.Config, local: false);
        Assert.Equal(RopeScalingKind.Factors, model.Config.RopeScaling!.Kind);
        Assert.All(expected.Zip(actual), pair => Assert.Equal(1, pair.Second / pair.First, 1e-6));
        Assert.Equal(magnitude, read, 1e-6);
    }

    [Fact]
    public void A_gpt_2_with_heads_of_an_odd_size_is_computed()
    {
        var config = Families.Config("gpt2") with { HiddenSize = 60, HeadDim = 15 };
        using var decoder = TinyModels.Lively(config);
        using var model = GgufModel.Load(Export(decoder, DType.F32));
        Assert.Equal(config, model.Config);
        var tokens = TinyModels.Tokens(40, 48);
        using DecoderRun run = new(model.Decoder, threads: 2), reference = new(decoder, KernelSet.Reference);
        var whole = run.Whole(tokens);
        Assert.Equal(reference.Whole(tokens), whole);
        using var cache = new KVCache(config.Layers, config.KVHeads, config.HeadDim, 8);
        Assert.Equal(whole, run.Cached(tokens, cache, [5, 0, 3], [1, 20, 2, 17]));
    }

    [Fact]
    public void An_export_replaces_a_file_whole_and_leaves_no_other()
    {
        using var decoder = TinyModels.Lively(TinyModels.Config());
        var path = Export(decoder, DType.F32);
        File.WriteAllText(_folder.File(".model.gguf.tmp-0123"), "a writer that died");
        GgufModel.Export(path, decoder, DType.Q8_0);
        using var model = GgufModel.Load(path);
        Assert.Equal(7, model.Metadata.Integer("general.file_type"));
        Assert.Equal([path], Directory.GetFileSystemEntries(_folder.Path));
    }

    private string Copy(string source, Action<GgufMetadata> change)
    {
        using var reader = GgufReader.Open(source);
        var metadata = new GgufMetadata();
        foreach (var (name, content) in reader.Metadata)
        {
            metadata[name] = content;
        }

        change(metadata);
        var path = _folder.File("changed.gguf");
        GgufWriter.Write(path, metadata, [.. reader.Tensors.Keys.Select(name => GgufTensorSource.Of(name, reader.Map(name)))]);
        return path;
    }

    private string Export(Decoder decoder, DType type)
    {
        var path = _folder.File("model.gguf");
        var fresh = Path.Exists(path) ? _folder.File(Guid.NewGuid().ToString("N")) : path;
        GgufModel.Export(fresh, decoder, type);
        return fresh;
    }
}
