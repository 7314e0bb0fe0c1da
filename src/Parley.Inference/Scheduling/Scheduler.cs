namespace Parley.Inference;

/// <summary>
/// Continuous batching: decides before every step which tokens of which sequences run. Running sequences first, one token each or the next
/// chunk of a prompt, then new ones while tokens, places and blocks last. When blocks run out the youngest running sequence gives up its
/// own and is computed again later. It knows no model and no text; one thread only.
/// </summary>
internal sealed class Scheduler(EngineOptions options, BlockAllocator blocks)
{
    private readonly List<Sequence> _waiting = [];
    private readonly List<Sequence> _running = [];

    /// <summary>Sequences with blocks, in order.</summary>
    public IReadOnlyList<Sequence> Running => _running;

    /// <summary>Sequences without blocks, new or preempted, in order.</summary>
    public IReadOnlyList<Sequence> Waiting => _waiting;

    public bool HasWork => _running.Count + _waiting.Count > 0;

    /// <summary>How often a sequence gave up its blocks.</summary>
    public long Preemptions { get; private set; }

    public void Add(Sequence sequence) => SequenceOrder.Insert(_waiting, sequence);

    /// <summary>Takes a sequence out, wherever it is, and frees its blocks.</summary>
    public void Remove(Sequence sequence)
    {
        if (!_running.Remove(sequence))
        {
            _waiting.Remove(sequence);
        }

        sequence.ReleaseBlocks(blocks);
    }

    /// <summary>Fills the batch of the next step. It is empty only when nothing runs and nothing waits.</summary>
    public void Schedule(ScheduledBatch batch)
    {
        batch.Clear();
        if (ContinueRunning(batch))
        {
            Admit(batch);
        }
    }

    // Oldest first, so that whoever must give up blocks comes later in the list and is not in the batch yet. A budget of one token is
    // kept back for each sequence still to come: a long prompt slows running answers down but never stops them. False when blocks ran
    // out: admitting in the same step would hand them straight back to the one that gave them up.
    private bool ContinueRunning(ScheduledBatch batch)
    {
        var before = Preemptions;
        for (var i = 0; i < _running.Count; i++)
        {
            var sequence = _running[i];
            var toCome = _running.Count - 1 - i;
            var count = Chunk(sequence, options.MaxBatchTokens - batch.Rows - toCome);
            while (!sequence.TryReserve(count, blocks))
            {
                var youngest = _running[^1];
                Preempt(youngest);
                if (youngest == sequence)
                {
                    return false;
                }
            }

            batch.Add(sequence, count);
        }

        return Preemptions == before;
    }

    // A newcomer starts only when its whole prompt has room, in strict order: passing over the first in line would starve long prompts.
    private void Admit(ScheduledBatch batch)
    {
        while (_waiting.Count > 0 && _running.Count < options.MaxSequences && batch.Rows < options.MaxBatchTokens)
        {
            var sequence = _waiting[0];
            if (BlockAllocator.BlocksFor(sequence.Length) > blocks.Free)
            {
                return;
            }

            _waiting.RemoveAt(0);
            SequenceOrder.Insert(_running, sequence);
            var count = Chunk(sequence, options.MaxBatchTokens - batch.Rows);
            sequence.TryReserve(count, blocks);
            batch.Add(sequence, count);
        }
    }

    private int Chunk(Sequence sequence, int budget) =>
        Math.Min(Math.Min(sequence.Pending, budget), Math.Max(1, options.PrefillChunk ?? int.MaxValue));

    private void Preempt(Sequence sequence)
    {
        _running.RemoveAt(_running.Count - 1);
        sequence.ReleaseBlocks(blocks);
        SequenceOrder.Insert(_waiting, sequence);
        Preemptions++;
    }
}
