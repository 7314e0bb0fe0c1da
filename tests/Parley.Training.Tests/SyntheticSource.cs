using Parley.Tensors;
using Parley.Training.Batches;

namespace Parley.Training.Tests;

/// <summary>Two short sequences a shard in which each id decides the next one: always the same, or others in every step.</summary>
internal sealed class SyntheticSource(int shards, bool fresh) : IBatchSource
{
    public const int Vocabulary = 64;
    private const int Rows = 24;

    public int Shards => shards;

    /// <summary>From this step on the targets are shifted, as if other documents had come in.</summary>
    public long ShiftedFrom { get; init; } = long.MaxValue;

    public Batch Read(long step, int shard)
    {
        var stream = (ulong)((fresh ? step * shards : 0) + shard);
        var tokens = new int[Rows];
        for (var i = 0; i < Rows; i++) tokens[i] = (int)(Philox.Next(11, stream, (ulong)i).Item1 % Vocabulary);
        int[] targets = [.. tokens.Select(token => ((token * 5) + (step >= ShiftedFrom ? 30 : 3)) % Vocabulary)];
        return new Batch(tokens, targets, [.. Enumerable.Repeat(1f, Rows)], AttentionBatch.Whole(2, Rows / 2), Rows);
    }

    public string Describe(long step, int shard) => $"document {shard} of step {step}";
}
