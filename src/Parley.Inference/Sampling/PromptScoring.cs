using Parley.Models;
using Parley.Tensors;
using Parley.Tensors.Autograd;

namespace Parley.Inference;

/// <summary>
/// The log-probabilities of prompts that ask for them: the head runs on every row of a chunk, a few rows at a time, so that a long prompt
/// of a large vocabulary needs no more memory than a batch of answers. Nothing happens in a step without such a prompt.
/// </summary>
internal sealed class PromptScoring(Decoder decoder, Operations operations)
{
    private const int RowsAtOnce = 16;

    private Sampler? _sampler;

    /// <param name="batch">Before its sequences have moved on.</param>
    /// <param name="hidden">[T, D]</param>
    public void Run(ScheduledBatch batch, Tensor hidden)
    {
        for (var i = 0; i < batch.Sequences.Count; i++)
        {
            if (batch.Sequences[i].Scores is { IsDone: false } scores)
            {
                var span = batch.Spans[i];
                var (first, count) = scores.RowsIn(span.Position, batch.OwnTokens(i));
                Score(scores, hidden, span.FirstRow + first, count);
            }
        }
    }

    private void Score(PromptScores scores, Tensor hidden, int firstRow, int count)
    {
        _sampler ??= new Sampler(decoder.Config.VocabularySize);
        for (var done = 0; done < count; done += RowsAtOnce)
        {
            var mark = operations.Arena.Mark();
            int[] rows = [.. Enumerable.Range(firstRow + done, Math.Min(RowsAtOnce, count - done))];
            var logits = decoder.Logits(operations, operations.GatherRows(hidden, rows)); // [R, V]
            var width = logits.Shape.Last;
            for (var row = 0; row < rows.Length; row++)
            {
                scores.Add(_sampler.Score(logits.ToHost().Slice(row * width, width), scores.NextToken, scores.Alternatives));
            }

            operations.Arena.Release(mark);
        }
    }
}
