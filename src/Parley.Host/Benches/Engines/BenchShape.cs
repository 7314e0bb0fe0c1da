using Parley.Models;

namespace Parley.Host.Benches.Engines;

/// <summary>The real extents of a published model, which a random-weight file of the bench has.</summary>
/// <param name="Architecture">llama.cpp's name of the family.</param>
/// <param name="HeadDim">Elements of a head.</param>
internal sealed record BenchShape(
    string Name, string Architecture, int Vocabulary, int Hidden, int Intermediate, int Layers, int Heads, int KVHeads, int HeadDim, float RopeTheta)
{
    private const int Context = 4096;

    public static IReadOnlyList<BenchShape> All { get; } =
    [
        new("qwen3-0.6b", "qwen3", 151_936, 1024, 3072, 28, 16, 8, 128, 1_000_000),
        new("smollm2-135m", "llama", 49_152, 576, 1536, 30, 9, 3, 64, 100_000),
        new("llama-3.2-1b", "llama", 128_256, 2048, 8192, 16, 32, 8, 64, 500_000),
    ];

    /// <summary>Weights that a token is multiplied with: every matrix, the head once.</summary>
    public long Multiplications => Matrices().Sum(matrix => (long)matrix.Outputs * matrix.Inputs);

    /// <summary>Multiplications of a prompt token but its last: the head is not asked.</summary>
    public long BodyMultiplications => Multiplications - ((long)Vocabulary * Hidden);

    private bool HasQueryNorm => Architecture == "qwen3";

    /// <summary>Every matrix by its name in GGUF; the embedding table, which is the head too, first.</summary>
    public IEnumerable<BenchMatrix> Matrices()
    {
        yield return new("token_embd.weight", Vocabulary, Hidden, -1);
        for (var layer = 0; layer < Layers; layer++)
        {
            yield return new($"blk.{layer}.attn_q.weight", Heads * HeadDim, Hidden, layer);
            yield return new($"blk.{layer}.attn_k.weight", KVHeads * HeadDim, Hidden, layer);
            yield return new($"blk.{layer}.attn_v.weight", KVHeads * HeadDim, Hidden, layer);
            yield return new($"blk.{layer}.attn_output.weight", Hidden, Heads * HeadDim, layer);
            yield return new($"blk.{layer}.ffn_gate.weight", Intermediate, Hidden, layer);
            yield return new($"blk.{layer}.ffn_up.weight", Intermediate, Hidden, layer);
            yield return new($"blk.{layer}.ffn_down.weight", Hidden, Intermediate, layer);
        }
    }

    /// <summary>Every norm's weight and its length.</summary>
    public IEnumerable<(string Name, int Length)> Norms()
    {
        yield return ("output_norm.weight", Hidden);
        for (var layer = 0; layer < Layers; layer++)
        {
            yield return ($"blk.{layer}.attn_norm.weight", Hidden);
            yield return ($"blk.{layer}.ffn_norm.weight", Hidden);
            if (HasQueryNorm)
            {
                yield return ($"blk.{layer}.attn_q_norm.weight", HeadDim);
                yield return ($"blk.{layer}.attn_k_norm.weight", HeadDim);
            }
        }
    }

    /// <summary>The keys that both readers want; no vocabulary, as the bench speaks in ids.</summary>
    public GgufMetadata Metadata(uint fileType) => new()
    {
        ["general.architecture"] = Architecture,
        ["general.name"] = $"{Name}, random weights",
        ["general.file_type"] = fileType,
        ["general.quantization_version"] = 2u,
        [$"{Architecture}.vocab_size"] = (uint)Vocabulary,
        [$"{Architecture}.context_length"] = (uint)Context,
        [$"{Architecture}.embedding_length"] = (uint)Hidden,
        [$"{Architecture}.block_count"] = (uint)Layers,
        [$"{Architecture}.feed_forward_length"] = (uint)Intermediate,
        [$"{Architecture}.attention.head_count"] = (uint)Heads,
        [$"{Architecture}.attention.head_count_kv"] = (uint)KVHeads,
        [$"{Architecture}.attention.key_length"] = (uint)HeadDim,
        [$"{Architecture}.attention.value_length"] = (uint)HeadDim,
        [$"{Architecture}.attention.layer_norm_rms_epsilon"] = 1e-6f,
        [$"{Architecture}.rope.dimension_count"] = (uint)HeadDim,
        [$"{Architecture}.rope.freq_base"] = RopeTheta,
        ["tokenizer.ggml.model"] = "no_vocab",
    };
}

/// <summary>One matrix, [outputs, inputs]; the layer is -1 for the embedding table.</summary>
internal sealed record BenchMatrix(string Name, int Outputs, int Inputs, int Layer);
