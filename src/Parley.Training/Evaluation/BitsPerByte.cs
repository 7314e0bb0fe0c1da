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
    /// <param name="scratch">Where activations live meanwhile.</param>
    /// <returns>Bits per byte, and the mean nats per scored token.</returns>
    public (double BitsPerByte, double Loss) Measure(TrainableModel model, ComputeContext context, Arena scratch)
    {
        var operations = new Operations(context, scratch);
        var (nats, bytes, scored) = (0.0, 0L, 0L);
        foreach (var batch in held)
        {
            foreach (var piece in BatchPiece.Of(batch))
            {
                var hidden = model.Forward(operations, piece.Tokens, piece.Attention);
                nats += model.Decoder.Loss(operations, hidden, piece.Targets, piece.Weights, 1f);
                scratch.Reset();
            }

            scored += batch.Scored;
            for (var i = 0; i < batch.Targets.Length; i++) bytes += batch.Weights[i] > 0 ? _bytes[batch.Targets[i]] : 0;
        }

        return (nats / (Math.Log(2) * Math.Max(1, bytes)), nats / Math.Max(1, scored));
    }
}
