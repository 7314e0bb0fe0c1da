using Parley.Models;
using Parley.Protocol.Generation;
using Parley.Tensors;
using Parley.Tensors.Autograd;

namespace Parley.Inference;

/// <summary>
/// Gathers the hidden states of a batch's sequences that ask for a vector. Nothing happens in a step without one. It knows no text, and leaves
/// the vectors as long as the model made them.
/// </summary>
internal sealed class BatchPooling(Decoder decoder, Operations operations)
{
    private readonly List<(Sequence, EngineOutput)> _finished = [];

    /// <summary>The sequences whose last row was in this step, with their end.</summary>
    public IReadOnlyList<(Sequence Sequence, EngineOutput Output)> Finished => _finished;

    /// <param name="batch">After its sequences have moved on.</param>
    /// <param name="hidden">[T, D]</param>
    public void Run(ScheduledBatch batch, Tensor hidden)
    {
        _finished.Clear();
        for (var i = 0; i < batch.Sequences.Count; i++)
        {
            var sequence = batch.Sequences[i];
            if (sequence.Pool is { } pool)
            {
                var (span, width) = (batch.Spans[i], hidden.Shape.Last);
                pool.Add(hidden.ToHost().Slice(span.FirstRow * width, span.Count * width), span.Position, width);
                if (sequence.Pending == 0)
                {
                    _finished.Add((sequence, EndOf(sequence, pool.Pooling == Pooling.Rank ? Classify(pool.Take()) : pool.Take())));
                }
            }
        }
    }

    private float[] Classify(float[] first)
    {
        using var row = Tensor.FromHost(new Shape(1, first.Length), first);
        return decoder.Classify(operations, row).ToArray();
    }

    private static EngineOutput EndOf(Sequence sequence, float[] vector) =>
        new() { Choice = sequence.Request.Choice, Vector = vector, Finish = FinishReason.Stop, CachedTokens = sequence.CachedTokens };
}
