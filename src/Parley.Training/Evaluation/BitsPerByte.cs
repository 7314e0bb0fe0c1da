using Parley.Tensors;
using Parley.Tensors.Autograd;
using Parley.Text;
using Parley.Training.Batches;

namespace Parley.Training.Evaluation;

/// <summary>
/// How well a model predicts held-out text: nats / (ln 2 * bytes), which two models with different vocabularies can be compared by. Special
/// tokens cost nats and have no bytes. It knows batches, not where they come from.
/// </summary>
public sealed class BitsPerByte(Tokenizer tokenizer, IReadOnlyList<Batch> held)
{
    private readonly int[] _bytes = [.. Enumerable.Range(0, tokenizer.VocabularySize).Select(id => tokenizer.TokenBytes(id).Length)];

    /// <summary>False when there is nothing to measure on.</summary>
    public bool Any => held.Count > 0;

    /// <summary>Scores every batch with the model as it stands.</summary>
    /// <returns>Bits per byte, and the mean nats per scored token.</returns>
    public (double BitsPerByte, double Loss) Measure(TrainableModel model, ComputeContext context)
    {
        using var arena = new Arena();
        var operations = new Operations(context, arena);
        var (nats, bytes, scored) = (0.0, 0L, 0L);
        foreach (var batch in held)
        {
            var hidden = model.Forward(operations, batch.Tokens, batch.Attention);
            nats += model.Decoder.Loss(operations, hidden, batch.Targets, batch.Weights, 1f);
            arena.Reset();
            scored += batch.Scored;
            for (var i = 0; i < batch.Targets.Length; i++) bytes += batch.Weights[i] > 0 ? _bytes[batch.Targets[i]] : 0;
        }

        return (nats / (Math.Log(2) * Math.Max(1, bytes)), nats / Math.Max(1, scored));
    }
}
