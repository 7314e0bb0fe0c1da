using Parley.Tensors;
using Parley.Text;

namespace Parley.Training.Batches;

/// <summary>
/// Fine-tuning batches: dialogues rendered by the template that serving uses, packed into rows of at most the context length. Every dialogue
/// is a span of its own with positions from 0, so packing changes nothing for it; only what the assistant says is scored, its calls of tools too. The order of rows
/// is a pure function of (seed, step, shard), each row once an epoch.
/// </summary>
public sealed class SftLoader : IBatchSource
{
    private const ulong PackingStream = 1UL << 61;

    private readonly List<Dialogue> _dialogues = [];
    private readonly List<int>[] _rows;
    private readonly DataLoaderOptions _options;
    private readonly int _perShard;

    /// <exception cref="InvalidDataException">A line is malformed or has nothing to learn from, or no dialogue is left; names file and line.</exception>
    public SftLoader(IEnumerable<string> paths, ChatTemplate template, DataLoaderOptions options)
    {
        if (options.Sequences % options.Shards != 0)
        {
            throw new ArgumentException(
                $"A batch of {options.Sequences} rows cannot be divided into {options.Shards} shards; make it a multiple.");
        }

        (_options, _perShard) = (options, options.Sequences / options.Shards);
        foreach (var path in paths) Load(path, template);
        if (_dialogues.Count == 0)
        {
            throw new InvalidDataException(
                $"No dialogue fits: give chat files with dialogues of at most {options.Context} tokens.");
        }

        _rows = [.. Pack()];
    }

    public int Shards => _options.Shards;

    /// <summary>Dialogues that are trained on.</summary>
    public int Dialogues => _dialogues.Count;

    /// <summary>Packed rows in one epoch.</summary>
    public int Rows => _rows.Length;

    /// <summary>Dialogues cut at the context length.</summary>
    public int Shortened { get; private set; }

    /// <summary>Dialogues whose first answer begins past the context length.</summary>
    public int LeftOut { get; private set; }

    public Batch Read(long step, int shard) => Build(RowsOf(step, shard));

    /// <summary>Every row once, a shard's worth of rows at a time: what an evaluation goes through.</summary>
    public IEnumerable<Batch> Epoch() => Enumerable.Range(0, _rows.Length).Chunk(_perShard).Select(Build);

    public string Describe(long step, int shard) =>
        string.Join("; ", RowsOf(step, shard).SelectMany(row => _rows[row]).Select(index => $"{_dialogues[index].Path} line {_dialogues[index].Line}"));

    private Batch Build(IEnumerable<int> packed)
    {
        var chosen = packed.SelectMany(row => _rows[row]).Select(index => _dialogues[index]).ToArray();
        var rows = chosen.Sum(dialogue => dialogue.Count);
        var (tokens, targets, weights) = (new int[rows], new int[rows], new float[rows]);
        var spans = new List<AttentionSpan>(chosen.Length);
        var first = 0;
        foreach (var dialogue in chosen)
        {
            var count = dialogue.Count;
            dialogue.Tokens.AsSpan(0, count).CopyTo(tokens.AsSpan(first));
            dialogue.Tokens.AsSpan(1, count).CopyTo(targets.AsSpan(first));
            for (var i = 0; i < count; i++) weights[first + i] = dialogue.Mask[i + 1] ? 1f : 0f;
            spans.Add(new AttentionSpan(first, count, 0, default));
            first += count;
        }

        return new Batch(tokens, targets, weights, new AttentionBatch(spans), weights.Count(weight => weight > 0));
    }

    private IEnumerable<int> RowsOf(long step, int shard)
    {
        for (var i = 0; i < _perShard; i++)
        {
            var drawn = (step * _options.Sequences) + (shard * _perShard) + i;
            yield return (int)new Permutation(_rows.Length, _options.Seed, (ulong)(drawn / _rows.Length))[drawn % _rows.Length];
        }
    }

    private void Load(string path, ChatTemplate template)
    {
        foreach (var example in ChatFile.Read(path))
        {
            var (line, chat) = (example.Line, example.Render(template));
            var kept = Math.Min(chat.Tokens.Length, _options.Context + 1);
            if (kept < chat.Tokens.Length) Shortened++;
            if (chat.LossMask.AsSpan(1, kept - 1).Contains(true)) _dialogues.Add(new Dialogue(path, line, chat.Tokens[..kept], chat.LossMask[..kept]));
            else LeftOut++;
        }
    }

    /// <summary>Best fit over a window of open rows, dialogues in an order shuffled by the seed.</summary>
    private List<List<int>> Pack()
    {
        const int openRows = 32;
        var rows = new List<List<int>>();
        var open = new List<(int Row, int Free)>();
        var order = new Permutation(_dialogues.Count, _options.Seed, PackingStream);
        for (var i = 0; i < _dialogues.Count; i++)
        {
            var index = (int)order[i];
            var count = _dialogues[index].Count;
            var best = open.Where(row => row.Free >= count).OrderBy(row => row.Free).ThenBy(row => row.Row).FirstOrDefault((Row: -1, Free: _options.Context));
            if (best.Row < 0)
            {
                best.Row = rows.Count;
                rows.Add([]);
                if (open.Count == openRows) open.RemoveAt(0);
            }
            else
            {
                open.Remove(best);
            }

            rows[best.Row].Add(index);
            open.Add((best.Row, best.Free - count));
        }

        return rows;
    }

    private sealed record Dialogue(string Path, int Line, int[] Tokens, bool[] Mask)
    {
        /// <summary>Rows it takes: the last id is only ever a target.</summary>
        public int Count => Tokens.Length - 1;
    }
}
