namespace Parley.Models;

/// <summary>The metadata keys by which llama.cpp knows a <see cref="ModelConfig"/>; what it assumes without a key is left out.</summary>
internal static class GgufConfigWriter
{
    public static void Write(ModelConfig config, GgufMetadata metadata)
    {
        var prefix = ModelFamily.Of(config).GgufName;
        void Put(string key, GgufValue value) => metadata[$"{prefix}.{key}"] = value;
        void PutUnless(string key, float value, float usual)
        {
            if (value != usual)
            {
                Put(key, value);
            }
        }

        Put("vocab_size", (uint)config.VocabularySize);
        Put("context_length", (uint)config.ContextLength);
        Put("embedding_length", (uint)config.HiddenSize);
        Put("block_count", (uint)config.Layers);
        Put("feed_forward_length", (uint)config.IntermediateSize);
        Put("attention.head_count", (uint)config.Heads);
        Put("attention.head_count_kv", (uint)config.KVHeads);
        Put("attention.key_length", (uint)config.HeadDim);
        Put("attention.value_length", (uint)config.HeadDim);
        Put(config.Norm == NormKind.Layer ? "attention.layer_norm_epsilon" : "attention.layer_norm_rms_epsilon", config.NormEpsilon);
        if (!config.LearnedPositions)
        {
            Put("rope.dimension_count", (uint)config.RotatedWidth);
            Put("rope.freq_base", config.RopeTheta);
        }

        if (config.RopeScaling is { } scaling)
        {
            GgufRopeScaling.Write(config, scaling, Put);
        }

        PutUnless("attention.scale", config.AttentionScale, 0);
        PutUnless("attn_logit_softcapping", config.AttentionSoftCap, 0);
        PutUnless("final_logit_softcapping", config.LogitSoftCap, 0);
        PutUnless("embedding_scale", config.EmbeddingScale, config.PostNorms ? config.EmbeddingScale : 1);
        PutUnless("residual_scale", config.ResidualScale, 1);
        PutUnless("logit_scale", config.LogitScale, 1);
        WriteWindows(config, Put);
        GgufEncoder.Write(config, metadata, Put);
        if (config.Experts > 0)
        {
            Put("expert_count", (uint)config.Experts);
            Put("expert_used_count", (uint)config.ExpertsPerToken);
            Put("expert_feed_forward_length", (uint)config.IntermediateSize);
        }
    }

    private static void WriteWindows(ModelConfig config, Action<string, GgufValue> put)
    {
        if (config.SlidingWindow == 0)
        {
            return;
        }

        put("attention.sliding_window", (uint)config.SlidingWindow);
        var marks = Enumerable.Range(0, config.Layers).Select(config.WindowedLayers.Contains).ToArray();
        var period = Array.IndexOf(marks, value: false) + 1; // 0 when every layer has the window
        put("attention.sliding_window_pattern", config.WindowedLayers == LayerSet.AllButEvery(period, config.Layers)
            ? (uint)period
            : GgufValue.Array(GgufType.Bool, marks));
    }
}
