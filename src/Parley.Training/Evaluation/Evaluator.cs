using Parley.Tensors;
using Parley.Text;
using Parley.Training.Runs;

namespace Parley.Training.Evaluation;

/// <summary>What is measured at each evaluation of a run: held-out text in bits per byte, and a few continued prompts.</summary>
public sealed class Evaluator(Tokenizer tokenizer, BitsPerByte held, IReadOnlyList<SamplePrompt> prompts)
{
    private const int SampleTokens = 48;

    /// <summary>One evaluation; the caller fills in step and time.</summary>
    /// <param name="scratch">Where activations live meanwhile; nothing of the caller's may be in it.</param>
    public MetricsEntry Measure(TrainableModel model, ComputeContext context, Arena scratch)
    {
        (double BitsPerByte, double Loss)? score = held.Any ? held.Measure(model, context, scratch) : null;
        var sampler = new GreedySampler(model, context, scratch);
        return new MetricsEntry
        {
            Kind = "evaluation",
            Step = 0,
            BitsPerByte = score?.BitsPerByte,
            HeldLoss = score?.Loss,
            Samples = [.. prompts.Select(prompt => new Sample(prompt.Text, tokenizer.DecodeText(sampler.Continue(prompt.Ids, SampleTokens, prompt.Stop))))],
        };
    }
}

/// <summary>A prompt as people read it, as the model reads it, and the ids that end its answer.</summary>
public sealed record SamplePrompt(string Text, int[] Ids, IReadOnlyCollection<int> Stop);
