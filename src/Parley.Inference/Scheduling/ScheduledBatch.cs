using Parley.Tensors;

namespace Parley.Inference;

/// <summary>
/// The work of one step as flat arrays: which tokens of which sequences run, at which positions, and which rows' logits are wanted.
/// Its arrays are kept from step to step.
/// </summary>
internal sealed class ScheduledBatch(int maxTokens, int maxSequences)
{
    private readonly int[] _tokens = new int[maxTokens];
    private readonly int[] _sampledRows = new int[maxSequences];
    private readonly List<AttentionSpan> _spans = new(maxSequences);
    private readonly List<Sequence> _sequences = new(maxSequences);
    private readonly List<Sequence> _sampled = new(maxSequences);

    /// <summary>How many tokens run in this step: the rows of the forward pass.</summary>
    public int Rows { get; private set; }

    public ReadOnlyMemory<int> Tokens => _tokens.AsMemory(0, Rows);

    /// <summary>One span a sequence, in row order.</summary>
    public IReadOnlyList<AttentionSpan> Spans => _spans;

    /// <summary>The sequence of each span.</summary>
    public List<Sequence> Sequences => _sequences;

    /// <summary>The sequences whose last token runs in this step, so that their next one is sampled.</summary>
    public List<Sequence> Sampled => _sampled;

    /// <summary>The row of each of <see cref="Sampled"/>.</summary>
    public ReadOnlyMemory<int> SampledRows => _sampledRows.AsMemory(0, _sampled.Count);

    public void Clear()
    {
        Rows = 0;
        _spans.Clear();
        _sequences.Clear();
        _sampled.Clear();
    }

    /// <summary>Adds the next <paramref name="count"/> pending tokens of a sequence that has blocks for them.</summary>
    public void Add(Sequence sequence, int count)
    {
        sequence.Tokens.Slice(sequence.Computed, count).CopyTo(_tokens.AsSpan(Rows));
        _spans.Add(new AttentionSpan(Rows, count, sequence.Computed, sequence.Blocks));
        _sequences.Add(sequence);
        Rows += count;
        if (count == sequence.Pending)
        {
            _sampledRows[_sampled.Count] = Rows - 1;
            _sampled.Add(sequence);
        }
    }
}
