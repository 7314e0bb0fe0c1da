using Parley.Tensors;

namespace Parley.Inference;

/// <summary>
/// The work of one step as flat arrays: which tokens of which sequences run, at which positions, and which rows' logits are wanted. Guessed
/// tokens run behind a sequence's own; each of them wants logits too. Its arrays are kept from step to step.
/// </summary>
internal sealed class ScheduledBatch(int maxTokens, int maxSequences)
{
    private readonly int[] _tokens = new int[maxTokens];
    private int[] _types = [];
    private readonly int[] _sampledRows = new int[maxTokens];
    private readonly int[] _firstSampled = new int[maxSequences + 1];
    private readonly int[] _ownTokens = new int[maxSequences];
    private readonly LowRankRows _adapters = new();
    private readonly List<AttentionSpan> _spans = new(maxSequences);
    private readonly List<Sequence> _sequences = new(maxSequences);
    private readonly List<Sequence> _sampled = new(maxSequences);
    private bool _wantsOthers;

    /// <summary>How many tokens run in this step: the rows of the forward pass.</summary>
    public int Rows { get; private set; }

    public ReadOnlyMemory<int> Tokens => _tokens.AsMemory(0, Rows);

    /// <summary>The type of each token; empty when all are 0.</summary>
    public ReadOnlyMemory<int> TokenTypes => _types.AsMemory(0, _types.Length == 0 ? 0 : Rows);

    /// <summary>Which rows are computed with which adapter; null when none is.</summary>
    public LowRankRows? Adapters => _adapters.IsEmpty ? null : _adapters;

    /// <summary>Whether nobody asks for the hidden states of other rows than <see cref="SampledRows"/>, and there are other rows.</summary>
    public bool WantsSampledOnly => !_wantsOthers && Adapters is null && SampledRows.Length > 0 && SampledRows.Length < Rows;

    /// <summary>One span a sequence, in row order.</summary>
    public IReadOnlyList<AttentionSpan> Spans => _spans;

    /// <summary>The sequence of each span.</summary>
    public List<Sequence> Sequences => _sequences;

    /// <summary>The sequences whose last token runs in this step, so that their next one is sampled.</summary>
    public List<Sequence> Sampled => _sampled;

    /// <summary>The rows whose logits are wanted: for each of <see cref="Sampled"/> its last token's and those of its guesses.</summary>
    public ReadOnlyMemory<int> SampledRows => _sampledRows.AsMemory(0, _firstSampled[_sampled.Count]);

    public void Clear()
    {
        Rows = 0;
        _wantsOthers = false;
        Array.Clear(_types);
        _adapters.Clear();
        _spans.Clear();
        _sequences.Clear();
        _sampled.Clear();
    }

    /// <summary>Adds the next <paramref name="count"/> pending tokens of a sequence that has blocks for them.</summary>
    public void Add(Sequence sequence, int count) => Add(sequence, count, default);

    /// <summary>As above, with guesses of the tokens that follow; only when all pending tokens run.</summary>
    public void Add(Sequence sequence, int count, ReadOnlySpan<int> drafts)
    {
        sequence.Tokens.Slice(sequence.Computed, count).CopyTo(_tokens.AsSpan(Rows));
        drafts.CopyTo(_tokens.AsSpan(Rows + count));
        _adapters.Add(sequence.Request.Adapter, count + drafts.Length);
        _spans.Add(new AttentionSpan(Rows, count + drafts.Length, sequence.Computed, sequence.Blocks));
        if (sequence.Request.SecondFrom is var second and > 0)
        {
            MarkSecond(Rows, count, second - sequence.Computed);
        }

        _wantsOthers |= sequence.Pool is not null || sequence.Scores is { IsDone: false };
        _ownTokens[_sequences.Count] = count;
        _sequences.Add(sequence);
        Rows += count + drafts.Length;
        if (count == sequence.Pending && sequence.Pool is null)
        {
            var first = _firstSampled[_sampled.Count];
            for (var i = 0; i <= drafts.Length; i++)
            {
                _sampledRows[first + i] = Rows - 1 - drafts.Length + i;
            }

            _sampled.Add(sequence);
            _firstSampled[_sampled.Count] = first + drafts.Length + 1;
        }
    }

    private void MarkSecond(int row, int count, int first)
    {
        _types = _types.Length == 0 ? new int[maxTokens] : _types;
        _types.AsSpan(row, count)[Math.Clamp(first, 0, count)..].Fill(1);
    }

    /// <summary>How many rows of a sequence of <see cref="Sequences"/> are its own tokens, not guesses.</summary>
    public int OwnTokens(int sequence) => _ownTokens[sequence];

    /// <summary>The range in <see cref="SampledRows"/> that belongs to a sampled sequence.</summary>
    public (int First, int Count) SampledRange(int sampled) => (_firstSampled[sampled], _firstSampled[sampled + 1] - _firstSampled[sampled]);

    /// <summary>The token that a wanted row guessed to come next: what the row after it was computed with.</summary>
    public int DraftAfter(int sampledRow) => _tokens[_sampledRows[sampledRow] + 1];
}
