namespace Parley.Inference;

/// <summary>
/// Continuous batching: decides before every step which tokens of which sequences run. Running sequences first, one token each or the next
/// chunk of a prompt, then new ones while tokens, places and blocks last. When blocks run out the last running sequence in order gives up its
/// own and is computed again later, from the prefix cache as far as it goes. It knows no model and no text; one thread only.
/// </summary>
internal sealed class Scheduler(EngineOptions options, BlockAllocator blocks, PrefixCache? prefixes = null)
{
    /// <summary>Up to this many rows a step takes hardly longer than with one: the weights are read once. Beyond, a wrong guess costs others time.</summary>
    private const int RowsWorthGuessing = 12;

    private readonly int[] _draft = new int[Math.Max(0, options.SpeculativeTokens)];
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

    /// <summary>All running sequences give up their blocks: what these hold is worth nothing any more.</summary>
    public void PreemptAll()
    {
        while (_running.Count > 0)
        {
            Preempt(_running[^1]);
        }
    }

    // In order, so that whoever must give up blocks comes later in the list and is not in the batch yet. A budget of one token is
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
                var last = _running[^1];
                Preempt(last);
                if (last == sequence)
                {
                    return false;
                }
            }

            batch.Add(sequence, count, Guess(sequence, count, Math.Min(RowsWorthGuessing, options.MaxBatchTokens) - batch.Rows - toCome - count));
        }

        return Preemptions == before;
    }

    // A newcomer starts only when its whole prompt has room, in strict order: passing over the first in line would starve long prompts.
    private void Admit(ScheduledBatch batch)
    {
        while (_waiting.Count > 0 && _running.Count < options.MaxSequences && batch.Rows < options.MaxBatchTokens)
        {
            var sequence = _waiting[0];
            if (options.WholeSequences && sequence.Pending > options.MaxBatchTokens - batch.Rows)
            {
                return;
            }

            prefixes?.Attach(sequence);
            if (BlockAllocator.BlocksFor(sequence.Length) - sequence.BlockCount > blocks.Free)
            {
                sequence.ReleaseBlocks(blocks);
                return;
            }

            prefixes?.Count(sequence);
            sequence.Admit();
            _waiting.RemoveAt(0);
            SequenceOrder.Insert(_running, sequence);
            var count = Chunk(sequence, options.MaxBatchTokens - batch.Rows);
            sequence.TryReserve(count, blocks);
            batch.Add(sequence, count);
        }
    }

    // Guesses take only what nobody needs: rows that cost little, budget that is left, blocks that all can spare. Nobody waits for them.
    private ReadOnlySpan<int> Guess(Sequence sequence, int count, int rowsLeft)
    {
        if (_draft.Length == 0 || count != sequence.Pending)
        {
            return default;
        }

        var length = sequence.Drafts.Next(Math.Min(Math.Min(_draft.Length, rowsLeft), sequence.Left - 1));
        if (length <= 0 || PromptLookup.Propose(sequence.Tokens, _draft.AsSpan(0, length)) == 0)
        {
            return default;
        }

        var more = BlockAllocator.BlocksFor(sequence.Length + length) - sequence.BlockCount;
        return blocks.Free - more >= _running.Count && sequence.TryReserve(count + length, blocks) ? _draft.AsSpan(0, length) : default;
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
