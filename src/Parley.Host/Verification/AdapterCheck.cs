using Parley.Host.Benches.Engines;
using Parley.Inference;
using Parley.Models;
using Parley.Tensors;
using Parley.Tensors.Autograd;

namespace Parley.Host.Verification;

/// <summary>Logits behind every token of a text under no adapter and under each of a case's, from llama.cpp and from one batch of ours.</summary>
internal static class AdapterCheck
{
    public const double LeastCosine = 0.9999;

    /// <summary>One batch with the text once for each way: as the model is, then under each adapter.</summary>
    /// <returns>By way, then by token: [V] logits.</returns>
    public static float[][][] Ours(AdapterCase chosen, string model, IReadOnlyList<string> adapters)
    {
        using var loaded = LoadedModel.Load(model, "tiny");
        using var context = new ComputeContext(threads: 1);
        using var arena = new Arena();
        Adapter[] held = [.. adapters.Select(path => AdapterFile.Load(path, loaded.Config))];
        var (count, rows) = (AdapterCase.Tokens.Length, new LowRankRows());
        foreach (var adapter in held.Prepend(null))
        {
            rows.Add(adapter, count);
        }

        int[] tokens = [.. Enumerable.Repeat(AdapterCase.Tokens, held.Length + 1).SelectMany(text => text)];
        var operations = new Operations(context, arena);
        var hidden = loaded.Decoder.Forward(operations, tokens, AttentionBatch.Whole(held.Length + 1, count), adapters: rows);
        var logits = loaded.Decoder.Logits(operations, hidden).ToArray();
        Array.ForEach(held, adapter => adapter.Dispose());
        return [.. logits.Chunk(chosen.Config.VocabularySize).Chunk(count)];
    }

    /// <summary>The same of llama.cpp, one way after the other.</summary>
    public static float[][][] Peers(LlamaLibrary library, AdapterCase chosen, string model, IReadOnlyList<string> adapters) =>
    [
        .. adapters.Prepend(null).Select(adapter =>
        {
            using var peer = new LlamaModel(library, model, chosen.Config.ContextLength, adapter: adapter);
            return peer.Logits(AdapterCase.Tokens, chosen.Config.VocabularySize);
        }),
    ];

    /// <summary>The least alike of a text's rows.</summary>
    public static double Likeness(IReadOnlyList<float[]> ours, IReadOnlyList<float[]> peers) => ours.Zip(peers, (a, b) => EmbeddingCheck.Cosine(a, b)).Min();
}
