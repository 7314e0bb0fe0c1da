namespace Parley.Training.Batches;

/// <summary>How a step's data is cut: sequences of context ids, divided evenly among logical shards, shuffled by the seed.</summary>
/// <param name="Context">Input ids of one sequence.</param>
/// <param name="Sequences">Sequences of one step; a multiple of <paramref name="Shards"/>.</param>
/// <param name="Shards">Logical shards of one step.</param>
/// <param name="EndOfText">The id that parts documents.</param>
/// <param name="Seed">What the order follows from.</param>
public sealed record DataLoaderOptions(int Context, int Sequences, int Shards, int EndOfText, ulong Seed)
{
    /// <summary>Rows are packed from whole documents instead of cut as windows.</summary>
    public bool PacksDocuments { get; init; }
}
