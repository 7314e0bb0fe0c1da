namespace Parley.Inference;

/// <summary>
/// Who goes first: whoever has waited longest, where each level of priority counts as some seconds of waiting (<see cref="Sequence.Rank"/>).
/// All age alike, so the order of two never changes and nothing starves. A total order, so that a schedule can be repeated.
/// </summary>
internal sealed class SequenceOrder : IComparer<Sequence>
{
    public static SequenceOrder Instance { get; } = new();

    public int Compare(Sequence? x, Sequence? y)
    {
        ArgumentNullException.ThrowIfNull(x);
        ArgumentNullException.ThrowIfNull(y);
        var byRank = x.Rank.CompareTo(y.Rank);
        return byRank != 0 ? byRank : x.Arrival.CompareTo(y.Arrival);
    }

    /// <summary>Inserts into a list in this order.</summary>
    public static void Insert(List<Sequence> sequences, Sequence sequence)
    {
        var place = sequences.BinarySearch(sequence, Instance);
        sequences.Insert(place < 0 ? ~place : place, sequence);
    }
}
