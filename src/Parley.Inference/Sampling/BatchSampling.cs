using Parley.Tensors;

namespace Parley.Inference;

/// <summary>
/// Draws the next tokens of all sampled sequences of a batch, the sequences spread over the workers: at a vocabulary of 150,000 a row is
/// 600 kB to read. A guessed token is accepted only if it is the very token that the sampler draws at its place, so guessing changes nothing but
/// the number of steps. Keeps its memory from step to step.
/// </summary>
internal sealed class BatchSampling
{
    private readonly ComputeContext _context;
    private readonly Sampler[] _samplers;
    private readonly EngineOutput[] _outputs; // as SampledRows
    private readonly int[] _produced; // per sampled sequence

    public BatchSampling(ComputeContext context, int vocabularySize, int maxTokens, int maxSequences)
    {
        (_context, _outputs, _produced) = (context, new EngineOutput[maxTokens], new int[maxSequences]);
        _samplers = new Sampler[context.Workers.Threads];
        for (var i = 0; i < _samplers.Length; i++)
        {
            _samplers[i] = new Sampler(vocabularySize);
        }
    }

    /// <summary>Draws, appends and moves each sequence on past the guesses that came true.</summary>
    /// <param name="logits">[rows of <see cref="ScheduledBatch.SampledRows"/>, V]</param>
    public void Run(ScheduledBatch batch, Tensor logits) => _context.Workers.RunPerWorker(new Work(this, batch, logits), batch.Sampled.Count);

    /// <summary>What a sampled sequence got: one output, or several when guesses came true. The last one may be its end.</summary>
    public ReadOnlySpan<EngineOutput> OutputsOf(ScheduledBatch batch, int sampled) => _outputs.AsSpan(batch.SampledRange(sampled).First, _produced[sampled]);

    private void Draw(ScheduledBatch batch, Tensor logits, int sampled, Sampler sampler)
    {
        var sequence = batch.Sampled[sampled];
        var (first, count) = batch.SampledRange(sampled);
        var rows = logits.ToHost();
        var width = logits.Shape.Last;
        var prompt = sequence.Scores?.TakeWhenDone();
        if (sequence.Ending is { } ending)
        {
            // Only the prompt was asked for.
            _outputs[first] = new() { Choice = sequence.Request.Choice, Prompt = prompt, Finish = ending, CachedTokens = sequence.CachedTokens };
            _produced[sampled] = 1;
            return;
        }

        for (var i = 0; i < count; i++)
        {
            var row = first + i;
            var output = sampler.Sample(rows.Slice(row * width, width), sequence.Request, sequence.Counts, sequence.Length, sequence.Constraint);
            sequence.Append(output.Token!.Value);
            _outputs[row] = output with { Prompt = i == 0 ? prompt : null, Finish = sequence.Ending, CachedTokens = sequence.CachedTokens };
            _produced[sampled] = i + 1;
            if (i == count - 1 || sequence.Ending is not null || output.Token != batch.DraftAfter(row))
            {
                break;
            }

            sequence.Advance(1);
        }

        if (count > 1)
        {
            sequence.Drafts.Learn(count - 1, _produced[sampled] - 1);
        }
    }

    private readonly struct Work(BatchSampling sampling, ScheduledBatch batch, Tensor logits) : IWorkerWork
    {
        public void Execute(int chunk, int worker) => sampling.Draw(batch, logits, chunk, sampling._samplers[worker]);
    }
}
