using Parley.Gateway.Keys;
using Parley.Host.Benches.Engines;
using Parley.Host.Endpoints.OpenAI;
using Parley.Inference;
using Parley.Models;
using Parley.Protocol.Generation;
using Parley.Tensors;

namespace Parley.Host.Verification;

/// <summary>Vectors of the tiny models from llama.cpp and from a whole replica of ours, and how alike they are.</summary>
internal static class EmbeddingCheck
{
    public const double LeastCosine = 0.9999;

    /// <summary>Of one number, where a difference does not fade among others: llama.cpp computes bert's GELU in its tanh form, from a table of half floats.</summary>
    public const double LeastScoreLikeness = 0.999;

    private const string Question = "the cat";

    /// <summary>What a replica of ours makes of the texts: all of them in one request.</summary>
    public static async Task<IReadOnlyList<IReadOnlyList<float>>> OursAsync(EmbeddingCase chosen, string path, CancellationToken cancellationToken)
    {
        using var model = LoadedModel.Load(path, "tiny");
        using var context = new ComputeContext(threads: 1);
        await using var replica = new Replica(model, context);
        GenerationInput[] inputs = [.. EmbeddingCase.Texts.Select(text => chosen.IsRank ? (GenerationInput)new GenerationInput.Pair(Question, text) : new GenerationInput.Text(text))];
        var kind = chosen.IsRank ? VectorKind.Relevance : VectorKind.Embedding;
        var request = VectorCall.ToRequest("tiny", Caller.Local, inputs, new VectorRequest { Kind = kind });
        return (await VectorCall.RunAsync(replica, request, cancellationToken)).Vectors;
    }

    /// <summary>What llama.cpp makes of the same token ids; a classification's score as it comes.</summary>
    public static IReadOnlyList<float[]> Peers(LlamaLibrary library, EmbeddingCase chosen, string path)
    {
        var config = chosen.Config;
        var pooling = config.Pooling switch { Pooling.Mean => 1, Pooling.First => 2, Pooling.Last => 3, _ => 4 };
        using var peer = new LlamaModel(library, path, config.ContextLength, pooling);
        using var model = LoadedModel.Load(path, "tiny");
        return [.. EmbeddingCase.Texts.Select(text => peer.Vector(Ids(model, chosen, text), chosen.IsRank ? config.Classes : config.HiddenSize))];
    }

    /// <summary>How alike: the cosine, and of scores 1 less how far their sigmoids are apart.</summary>
    public static double Likeness(EmbeddingCase chosen, IReadOnlyList<float> ours, IReadOnlyList<float> peers)
    {
        if (chosen.IsRank)
        {
            return 1 - Math.Abs(ours[0] - (1 / (1 + Math.Exp(-peers[0]))));
        }

        return Cosine(ours, peers);
    }

    public static double Cosine(IReadOnlyList<float> ours, IReadOnlyList<float> peers)
    {
        double Dot(IReadOnlyList<float> a, IReadOnlyList<float> b) => a.Zip(b, (x, y) => (double)x * y).Sum();
        return Dot(ours, peers) / Math.Sqrt(Dot(ours, ours) * Dot(peers, peers));
    }

    public static bool IsAlike(EmbeddingCase chosen, double likeness) => likeness >= (chosen.IsRank ? LeastScoreLikeness : LeastCosine);

    private static int[] Ids(LoadedModel model, EmbeddingCase chosen, string text) => chosen.IsRank
        ? [.. model.Tokenizer.Encode(Question, new(AddSpecial: true)), .. model.Tokenizer.Encode(text), .. model.Tokenizer.Suffix]
        : model.Tokenizer.Encode(text, new(AddSpecial: true));
}
