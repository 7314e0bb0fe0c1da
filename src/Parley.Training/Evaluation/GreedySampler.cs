using Parley.Tensors;
using Parley.Tensors.Autograd;

namespace Parley.Training.Evaluation;

/// <summary>
/// Continues a prompt with the likeliest token each time, to show a person how far training has come. It recomputes the whole text for every
/// token, which is fast enough for a few short samples; serving is <see cref="Inference"/>'s.
/// </summary>
public sealed class GreedySampler(TrainableModel model, ComputeContext context, Arena scratch)
{
    /// <param name="prompt">At least one id.</param>
    /// <param name="most">At most this many new ids, and no more than the context holds.</param>
    /// <param name="stop">Ids that end the text; they are not returned.</param>
    public int[] Continue(IReadOnlyList<int> prompt, int most, IReadOnlyCollection<int> stop)
    {
        var operations = new Operations(context, scratch);
        var ids = new List<int>(prompt);
        while (ids.Count < prompt.Count + most && ids.Count < model.Config.ContextLength)
        {
            var next = Likeliest(operations, [.. ids]);
            scratch.Reset();
            if (stop.Contains(next)) break;
            ids.Add(next);
        }

        return [.. ids.Skip(prompt.Count)];
    }

    private int Likeliest(Operations operations, int[] ids)
    {
        var hidden = model.Forward(operations, ids, AttentionBatch.Whole(1, ids.Length));
        var last = operations.GatherRows(hidden, new[] { ids.Length - 1 });
        var logits = model.Decoder.Logits(operations, last).ToHost();
        var best = 0;
        for (var i = 1; i < logits.Length; i++)
        {
            if (logits[i] > logits[best]) best = i;
        }

        return best;
    }
}
