namespace Parley.Inference;

/// <summary>Who goes first: the higher priority, then the earlier arrival. A total order, so that a schedule can be repeated.</summary>
internal sealed class SequenceOrder : IComparer<Sequence>
{
    public static SequenceOrder Instance { get; } = new();

    public int Compare(Sequence? x, Sequence? y)
    {
        ArgumentNullException.ThrowIfNull(x);
        ArgumentNullException.ThrowIfNull(y);
        var byPriority = y.Request.Priority.CompareTo(x.Request.Priority);
        return byPriority != 0 ? byPriority : x.Arrival.CompareTo(y.Arrival);
    }

    /// <summary>Inserts into a list in this order.</summary>
    public static void Insert(List<Sequence> sequences, Sequence sequence)
    {
        var place = sequences.BinarySearch(sequence, Instance);
        sequences.Insert(place < 0 ? ~place : place, sequence);
    }
}
