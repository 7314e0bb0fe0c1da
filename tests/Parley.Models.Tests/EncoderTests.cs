using System.Text;
using Parley.Tensors;
using Parley.Tensors.Autograd;
using Parley.Testing;

namespace Parley.Models.Tests;

/// <summary>bert as data: against a naive computation, among others in a batch, and through the doors of GGUF and Hugging Face.</summary>
public sealed class EncoderTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    private static ModelConfig Bert => new ModelConfig
    {
        VocabularySize = 50,
        HiddenSize = 48,
        IntermediateSize = 80,
        Layers = 2,
        Heads = 4,
        KVHeads = 4,
        HeadDim = 12,
        ContextLength = 160,
        TokenTypes = 2,
    }.OfFamily("bert");

    private static ModelConfig CrossEncoder => Bert with { Classes = 3, ClassifierDense = true, Pooling = Pooling.Rank };

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(1)]
    [InlineData(17)]
    [InlineData(150)]
    public void Hidden_states_and_scores_are_those_of_a_naive_computation(int length)
    {
        using var decoder = TinyModels.Lively(CrossEncoder);
        var weights = TinyModels.Weights(decoder);
        var tokens = TinyModels.Tokens(length, 50);
        int[] types = [.. Enumerable.Range(0, length).Select(i => i < length / 2 ? 0 : 1)];
        var expected = ReferenceEncoder.Hidden(CrossEncoder, weights, tokens, types);
        using var context = new ComputeContext(threads: 2);
        using var arena = new Arena();
        var ops = new Operations(context, arena);
        var hidden = decoder.Forward(ops, tokens, AttentionBatch.Whole(1, length), types);
        Assert.All(hidden.ToArray().Zip(expected.SelectMany(row => row)), pair => Assert.Equal(pair.Second, pair.First, 2e-5));
        var scores = decoder.Classify(ops, ops.GatherRows(hidden, new[] { 0 })).ToArray();
        Assert.All(scores.Zip(ReferenceEncoder.Scores(weights, expected[0])), pair => Assert.Equal(pair.Second, pair.First, 2e-5));
    }

    [Fact]
    public void A_text_gets_the_same_bits_alone_and_among_others_with_every_kernel_set()
    {
        using var decoder = TinyModels.Lively(Bert);
        var tokens = TinyModels.Tokens(77, 50);
        var other = TinyModels.Tokens(9, 50, seed: 8);
        var alone = Run(decoder, tokens, [77]);
        foreach (var set in (KernelSet[])[KernelSet.Reference, KernelSet.Vector128, KernelSet.Vector256])
        {
            Assert.Equal(alone, Run(decoder, [.. other, .. tokens, .. other], [9, 77, 9], set).AsSpan(9 * 48, 77 * 48).ToArray());
        }

        Assert.NotEqual(alone, Run(decoder, [.. tokens[..^1], (tokens[^1] + 1) % 50], [77])); // the last token is seen by all
    }

    [Fact]
    public void Bidirectional_attention_refuses_a_cache_and_a_tape()
    {
        using var decoder = TinyModels.Lively(Bert);
        using var run = new DecoderRun(decoder);
        using var cache = new KVCache(2, 4, 12, 4);
        var cached = Assert.Throws<ArgumentException>(() => run.Step(new int[3], new AttentionBatch([new AttentionSpan(0, 3, 0, new[] { 1 })], cache)));
        Assert.Contains("without one", cached.Message, StringComparison.Ordinal);
        Assert.Throws<NotSupportedException>(() => run.Whole([1, 2, 3], taped: true));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_gguf_file_and_our_json_hold_the_same_model(bool ranks)
    {
        var config = ranks ? CrossEncoder : Bert with { Pooling = Pooling.First };
        Assert.Equal(config, ModelConfigJson.FromJson(config.ToJson()));
        using var decoder = TinyModels.Lively(config);
        GgufModel.Export(_folder.File("bert.gguf"), decoder, DType.F32);
        using var model = GgufModel.Load(_folder.File("bert.gguf"));
        Assert.Equal((config, decoder.WeightsId), (model.Config, model.Decoder.WeightsId));
    }

    [Theory]
    [InlineData(false, "")]
    [InlineData(true, "bert.")]
    public void A_hugging_face_folder_loads_as_the_same_model(bool ranks, string prefix)
    {
        var config = ranks ? CrossEncoder : Bert with { Pooling = Pooling.First };
        using var decoder = TinyModels.Lively(config);
        var folder = _folder.File("hf");
        Directory.CreateDirectory(Path.Combine(folder, "1_Pooling"));
        File.WriteAllText(Path.Combine(folder, "config.json"), $$"""
            {"model_type":"bert","architectures":["{{(ranks ? "BertForSequenceClassification" : "BertModel")}}"],"vocab_size":50,"hidden_size":48,"intermediate_size":80,
             "num_hidden_layers":2,"num_attention_heads":4,"max_position_embeddings":160,"type_vocab_size":2,"layer_norm_eps":1e-12,"hidden_act":"gelu",
             "position_embedding_type":"absolute","id2label":{"0":"a","1":"b","2":"c"} }
            """);
        if (!ranks)
        {
            File.WriteAllText(Path.Combine(folder, "1_Pooling", "config.json"), """{"word_embedding_dimension":48,"pooling_mode_cls_token":true,"pooling_mode_mean_tokens":false}""");
        }

        var tensors = decoder.Parameters.ToDictionary(parameter => HuggingFaceName(parameter.Name, prefix), parameter => parameter.Value, StringComparer.Ordinal);
        using (var stream = File.Create(Path.Combine(folder, "model.safetensors")))
        {
            SafetensorsWriter.Write(stream, tensors);
        }

        using var loaded = HuggingFaceModel.Load(folder);
        Assert.Equal((config, decoder.WeightsId), (loaded.Config, loaded.WeightsId));
    }

    [Theory]
    [InlineData("\"position_embedding_type\":\"relative_key\"", "position_embedding_type")]
    [InlineData("\"is_decoder\":true", "position_embedding_type")]
    [InlineData("\"hidden_act\":\"relu\"", "hidden_act")]
    public void A_bert_that_is_not_computed_is_refused_by_key(string field, string key)
    {
        var json = """{"model_type":"bert","vocab_size":50,"hidden_size":48,"intermediate_size":80,"num_hidden_layers":2,"num_attention_heads":4,"max_position_embeddings":160,""" + field + "}";
        var error = Assert.Throws<ModelFormatException>(() => ModelConfigJson.FromJson(Encoding.UTF8.GetBytes(json)));
        Assert.Equal(key, error.Field);
    }

    private static string HuggingFaceName(string name, string prefix)
    {
        (string Ours, string Theirs)[] parts =
        [
            ("model.embed_tokens.", "embeddings.word_embeddings."), ("model.embed_positions.", "embeddings.position_embeddings."),
            ("model.embed_token_types.", "embeddings.token_type_embeddings."), ("model.embed_norm.", "embeddings.LayerNorm."), ("model.layers.", "encoder.layer."),
            ("self_attn.q_proj", "attention.self.query"), ("self_attn.k_proj", "attention.self.key"), ("self_attn.v_proj", "attention.self.value"),
            ("self_attn.o_proj", "attention.output.dense"), ("post_attention_layernorm", "attention.output.LayerNorm"), ("mlp.up_proj", "intermediate.dense"),
            ("mlp.down_proj", "output.dense"), ("post_feedforward_layernorm", "output.LayerNorm"), ("classifier.dense", "pooler.dense"),
        ];
        var theirs = parts.Aggregate(name, (text, part) => text.Replace(part.Ours, part.Theirs, StringComparison.Ordinal));
        return name.StartsWith("classifier.scores", StringComparison.Ordinal) ? name.Replace("classifier.scores", "classifier", StringComparison.Ordinal) : prefix + theirs;
    }

    private static float[] Run(Decoder decoder, int[] tokens, int[] lengths, KernelSet kernels = KernelSet.Auto)
    {
        using var context = new ComputeContext(2, kernels);
        using var arena = new Arena();
        var (spans, row) = (new List<AttentionSpan>(), 0);
        foreach (var length in lengths)
        {
            spans.Add(new AttentionSpan(row, length, 0, default));
            row += length;
        }

        return decoder.Forward(new Operations(context, arena), tokens, new AttentionBatch(spans)).ToArray();
    }
}
