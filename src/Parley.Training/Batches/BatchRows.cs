using Parley.Tensors;

namespace Parley.Training.Batches;

/// <summary>A micro-batch while it is filled row by row. Rows may be shorter than the context: nothing is padded.</summary>
/// <param name="capacity">The most input ids.</param>
public sealed class BatchRows(int capacity)
{
    private readonly List<int> _tokens = new(capacity);
    private readonly List<int> _targets = new(capacity);
    private readonly List<AttentionSpan> _spans = [];

    /// <summary>Input ids so far.</summary>
    public int Count => _tokens.Count;

    /// <summary>Adds ids and what follows each of them: [n + 1] ids for n rows, all scored. They belong to no span yet.</summary>
    public void AddIds(ReadOnlySpan<int> ids)
    {
        _tokens.AddRange(ids[..^1]);
        _targets.AddRange(ids[1..]);
    }

    /// <summary>Makes the next rows a span that attention does not leave.</summary>
    public void AddSpan(int rows) => _spans.Add(new AttentionSpan(_spans.Count == 0 ? 0 : _spans[^1].FirstRow + _spans[^1].Count, rows, 0, default));

    /// <summary>Cuts rows into spans, a new one before every end-of-text id.</summary>
    /// <param name="ids">The rows' input ids.</param>
    /// <param name="endOfText">The id that parts documents.</param>
    public void AddSpans(ReadOnlySpan<int> ids, int endOfText)
    {
        while (!ids.IsEmpty)
        {
            var next = ids[1..].IndexOf(endOfText);
            var count = next < 0 ? ids.Length : next + 1;
            AddSpan(count);
            ids = ids[count..];
        }
    }

    public Batch Build()
    {
        var weights = new float[_tokens.Count];
        Array.Fill(weights, 1f);
        return new Batch([.. _tokens], [.. _targets], weights, new AttentionBatch(_spans), weights.Length);
    }
}
