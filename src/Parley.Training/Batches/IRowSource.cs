namespace Parley.Training.Batches;

/// <summary>
/// One body of data as rows of at most the context's length, in the order in which they are drawn: every row once an epoch. Which row a draw is follows
/// from the seed and the number of the draw alone, so nothing need be replayed to go on from anywhere.
/// </summary>
public interface IRowSource
{
    /// <summary>Rows of one epoch, at least 1.</summary>
    long Rows { get; }

    /// <summary>Appends the row of a draw, counted from 0 over all epochs.</summary>
    void Append(long draw, BatchRows batch);

    /// <summary>Where the row's first id lies in the data.</summary>
    long Position(long draw);

    /// <summary>Which documents the row is of, in words.</summary>
    string Describe(long draw);
}
