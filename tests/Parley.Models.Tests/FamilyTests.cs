using System.Text;
using Parley.Tensors;
using Parley.Testing;

namespace Parley.Models.Tests;

/// <summary>Every family through every door: config.json of ours and of Hugging Face's, its safetensors, GGUF, and the decoder's own promises.</summary>
public sealed class FamilyTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public static TheoryData<string> All => [.. Families.Names];

    public void Dispose() => _folder.Dispose();

    [Theory, MemberData(nameof(All))]
    public void Our_json_round_trips(string family)
    {
        var config = Families.Config(family);
        Assert.Equal(config, ModelConfigJson.FromJson(config.ToJson()));
        Assert.Equal(config.ToJson(), ModelConfigJson.FromJson(config.ToJson()).ToJson());
    }

    [Theory, MemberData(nameof(All))]
    public void Rows_that_are_wanted_are_the_same_without_the_others(string family)
    {
        using var decoder = TinyModels.Lively(Families.Config(family));
        using var run = new DecoderRun(decoder);
        var tokens = TinyModels.Tokens(21, decoder.Config.VocabularySize);
        var (whole, width) = (run.Whole(tokens), decoder.Config.VocabularySize);
        float[] expected = [.. whole[(4 * width)..(5 * width)], .. whole[(19 * width)..(21 * width)]];
        Assert.Equal(expected, run.Wanted(tokens, [4, 19, 20]));
    }

    [Theory, MemberData(nameof(All))]
    public void Hugging_faces_json_is_understood(string family) =>
        Assert.Equal(Families.Config(family), ModelConfigJson.FromJson(Encoding.UTF8.GetBytes(Families.Json(family))));

    [Theory, MemberData(nameof(All))]
    public void A_hugging_face_folder_loads_as_the_same_model(string family)
    {
        // Gains near one lose their last bits when one is taken off and put back, so these are made of few bits.
        using var decoder = TinyModels.Lively(Families.Config(family), gainBits: 10);
        var folder = _folder.File("hf");
        HuggingFaceFolder.Write(folder, family, decoder);
        Assert.True(HuggingFaceModel.IsIn(folder));
        using var loaded = HuggingFaceModel.Load(folder);
        Assert.Equal(decoder.Config, loaded.Config);
        Assert.Equal(decoder.WeightsId, loaded.WeightsId);
    }

    [Theory, MemberData(nameof(All))]
    public void A_gguf_file_holds_the_same_model(string family)
    {
        // llama.cpp knows Mistral as Llama, and Llama 3's stretching as a list of divisors.
        var config = Families.Config(family);
        using var decoder = TinyModels.Lively(config);
        var path = _folder.File("model.gguf");
        GgufModel.Export(path, decoder, DType.F32);
        using var model = GgufModel.Load(path);
        var expected = family == "mistral" ? config with { Architecture = "llama" } : config;
        if (family == "llama")
        {
            Assert.Equal((RopeScalingKind.Factors, 8), (model.Config.RopeScaling!.Kind, model.Config.RopeScaling.Factors.Count));
            expected = expected with { RopeScaling = model.Config.RopeScaling };
        }
        else if (family == "phi3")
        {
            // Without a factor in the file llama.cpp takes 1, so the magnitude that follows from the contexts is written out.
            expected = expected with { RopeScaling = expected.RopeScaling! with { AttentionFactor = model.Config.RopeScaling!.AttentionFactor } };
            Assert.Equal(Math.Sqrt(1 + (Math.Log(2) / Math.Log(64))), model.Config.RopeScaling.AttentionFactor, 1e-6);
        }

        Assert.Equal(expected, model.Config);
        Assert.All(decoder.Parameters.Zip(model.Decoder.Parameters), pair => Assert.Equal(pair.First.Value.ToArray(), pair.Second.Value.ToArray()));
        using DecoderRun ours = new(decoder), theirs = new(model.Decoder);
        var tokens = TinyModels.Tokens(30, 48);
        Assert.All(ours.Whole(tokens).Zip(theirs.Whole(tokens)), pair => Assert.Equal(pair.First, pair.Second, 1e-4f));
    }

    [Theory, MemberData(nameof(All))]
    public void A_token_gets_the_same_bits_whole_in_pieces_among_others_and_with_every_kernel_set(string family)
    {
        using var decoder = TinyModels.Lively(Families.Config(family));
        using DecoderRun run = new(decoder, threads: 2), reference = new(decoder, KernelSet.Reference);
        var tokens = TinyModels.Tokens(40, 48);
        var whole = run.Whole(tokens);
        Assert.Equal(whole, reference.Whole(tokens));
        var config = decoder.Config;
        using var cache = new KVCache(config.Layers, config.KVHeads, config.HeadDim, 8);
        Assert.Equal(whole, run.Cached(tokens, cache, [5, 0, 3], [1, 20, 2, 17]));
        var other = TinyModels.Tokens(11, 48, seed: 8);
        var batch = new AttentionBatch([new AttentionSpan(0, 11, 0, new[] { 6 }), new AttentionSpan(11, 40, 0, new[] { 1, 2, 4 })], cache);
        Assert.Equal(whole, run.Step((int[])[.. other, .. tokens], batch)[(11 * 48)..]);
    }

    [Theory, MemberData(nameof(All))]
    public void A_warm_decode_step_allocates_no_managed_memory(string family)
    {
        using var decoder = TinyModels.Lively(Families.Config(family));
        using var context = new ComputeContext(threads: 1);
        using var arena = new Arena();
        using var cache = new KVCache(4, decoder.Config.KVHeads, 16, 4);
        var operations = new Tensors.Autograd.Operations(context, arena);
        var batch = new AttentionBatch([new AttentionSpan(0, 1, 5, new[] { 2 })], cache);
        ReadOnlyMemory<int> token = new[] { 7 };
        long allocated = 0;
        for (var step = 0; step < 50; step++)
        {
            arena.Reset();
            var before = GC.GetAllocatedBytesForCurrentThread();
            decoder.Logits(operations, decoder.Forward(operations, token, batch));
            allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        }

        Assert.Equal(0, allocated);
    }

    [Fact]
    public void Activations_do_not_grow_with_layers()
    {
        long Used(int layers)
        {
            using var decoder = TinyModels.Lively(Families.Config("qwen3moe") with { Layers = layers });
            using var context = new ComputeContext(1);
            using var arena = new Arena();
            var operations = new Tensors.Autograd.Operations(context, arena);
            decoder.Forward(operations, TinyModels.Tokens(100, 48), AttentionBatch.Whole(1, 100));
            var before = arena.UsedBytes;
            Assert.True(before > 0);
            return before;
        }

        Assert.Equal(Used(1), Used(9));
    }

    [Fact]
    public void What_is_left_over_or_of_another_shape_in_a_folder_is_refused_by_name()
    {
        using var decoder = TinyModels.Lively(Families.Config("qwen2"));
        var folder = _folder.File("hf");
        HuggingFaceFolder.Write(folder, "qwen2", decoder);
        File.WriteAllText(Path.Combine(folder, "config.json"), Families.Json("qwen2").Replace("\"qwen2\"", "\"llama\"", StringComparison.Ordinal));
        Assert.Equal("model.layers.0.self_attn.k_proj.bias", Assert.Throws<ModelFormatException>(() => HuggingFaceModel.Load(folder)).Field);
        File.WriteAllText(Path.Combine(folder, "config.json"), Families.Json("qwen2").Replace("\"intermediate_size\":64", "\"intermediate_size\":60", StringComparison.Ordinal));
        var error = Assert.Throws<ModelFormatException>(() => HuggingFaceModel.Load(folder));
        Assert.Contains("[64, 48]", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_text_half_of_a_model_of_text_and_images_is_loaded()
    {
        using var decoder = TinyModels.Lively(Families.Config("gemma3"), gainBits: 10);
        var folder = _folder.File("hf");
        HuggingFaceFolder.Write(folder, "gemma3", decoder, prefix: "model.language_model.");
        File.WriteAllText(
            Path.Combine(folder, "config.json"), $$"""{"model_type":"gemma3","vision_config":{},"text_config":{{Families.Json("gemma3")}}}""");
        using var loaded = HuggingFaceModel.Load(folder);
        Assert.Equal(decoder.WeightsId, loaded.WeightsId);
    }

    [Fact]
    public void A_checkpoint_that_lost_its_manifest_is_not_taken_for_a_hugging_face_folder()
    {
        using var decoder = TinyModels.Lively(Families.Config("gemma2"));
        var folder = _folder.File("checkpoint");
        Checkpoint.Save(folder, TinyModels.Contents(decoder, training: false));
        using (var contents = Checkpoint.Load(folder).Decoder)
        {
            Assert.Equal(decoder.WeightsId, contents.WeightsId);
        }

        File.Delete(Path.Combine(folder, CheckpointManifest.FileName));
        Assert.Equal("manifest.json", Assert.Throws<ModelFormatException>(() => HuggingFaceModel.Load(folder)).Field);
    }

    [Fact]
    public void An_unknown_architecture_is_refused_with_the_list()
    {
        using var decoder = TinyModels.Lively(TinyModels.Config());
        using var stream = File.Create(_folder.File("m.gguf"));
        GgufWriter.Write(stream, new GgufMetadata { ["general.architecture"] = "mamba" }, []);
        stream.Dispose();
        var error = Assert.Throws<ModelFormatException>(() => GgufModel.Load(_folder.File("m.gguf")));
        Assert.Equal("general.architecture", error.Field);
        Assert.Contains("mamba", error.Message, StringComparison.Ordinal);
        Assert.Contains("smollm3, granite", error.Message, StringComparison.Ordinal);
    }
}
