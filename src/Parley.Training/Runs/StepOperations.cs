using Parley.Models;

namespace Parley.Training.Runs;

/// <summary>
/// Floating-point operations that training a token takes, a multiply-add counted as two: 6 N + attention, where N are the weights that a token is
/// multiplied with - forward once, backward twice (arXiv:2001.08361, section 2.1; arXiv:2204.02311, appendix B). Norms, activations and the
/// optimiser are not counted, nor is what recomputation repeats: it is what the model needs, not what is done.
/// </summary>
public static class StepOperations
{
    /// <param name="config">The model; all its weights learn, unless an adapter does.</param>
    /// <param name="context">Tokens of a sequence. Attention is counted over the half that is not masked, windows included; shorter documents are not.</param>
    /// <param name="adapter">Parameters of an adapter that learns in the weights' place; their gradients are not computed then.</param>
    public static double PerToken(ModelConfig config, int context, long adapter = 0) =>
        ((adapter > 0 ? 4 : 6) * Matrices(config)) + (6 * (Attention(config, context) + adapter));

    /// <summary>Weights that a token is multiplied with: projections, feed-forward (of its experts), the head. An embedding is looked up.</summary>
    private static double Matrices(ModelConfig config)
    {
        double projections = (double)config.HiddenSize * config.HeadDim * (2 * config.Heads + 2 * config.KVHeads);
        double feedForward = (config.GatedMlp ? 3.0 : 2.0) * config.HiddenSize * config.IntermediateSize * Math.Max(1, config.ExpertsPerToken);
        double router = (double)config.HiddenSize * config.Experts;
        return config.Layers * (projections + feedForward + router) + (double)config.VocabularySize * config.HiddenSize;
    }

    /// <summary>Multiply-adds of scores and of weighted values, with the mean number of tokens that a token sees.</summary>
    private static double Attention(ModelConfig config, int context)
    {
        double width = 2.0 * config.Heads * config.HeadDim;
        return Enumerable.Range(0, config.Layers)
            .Sum(layer => width * Seen(context, config.WindowedLayers.Contains(layer) ? config.SlidingWindow : context, config.Causal));
    }

    private static double Seen(double context, double window, bool causal)
    {
        if (!causal) return context;
        var reach = Math.Min(window, context);
        return ((reach * (reach + 1) / 2) + ((context - reach) * reach)) / context;
    }
}
