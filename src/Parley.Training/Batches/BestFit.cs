using System.Numerics;

namespace Parley.Training.Batches;

/// <summary>
/// Best-fit decreasing bin packing (Johnson 1974; for training rows Ding et al., "Fewer Truncations Improve Language Modeling", 2024): the longest first,
/// each into the row that it leaves the least room in, the row that came to have this room last. Linear in the items; a bit for each amount of room says
/// whether a row has it.
/// </summary>
internal static class BestFit
{
    /// <summary>Packs all items.</summary>
    /// <param name="lengths">1 to <paramref name="capacity"/>.</param>
    /// <param name="order">The items, each once: of equal length the earlier goes first.</param>
    /// <param name="capacity">The room of a row.</param>
    /// <returns>Row r holds Items[Starts[r]..Starts[r + 1]].</returns>
    public static (int[] Items, int[] Starts) Pack(int[] lengths, int[] order, int capacity)
    {
        var open = new Stack<int>?[capacity + 1];
        var rooms = new ulong[(capacity / 64) + 1];
        var rowOf = new int[lengths.Length];
        var sorted = Sort(lengths, order, capacity);
        var rows = 0;
        foreach (var item in sorted)
        {
            var room = Least(rooms, lengths[item]);
            var row = room < 0 ? rows++ : open[room]!.Pop();
            if (room >= 0 && open[room]!.Count == 0)
                rooms[room / 64] &= ~(1UL << (room % 64));
            rowOf[item] = row;
            var left = (room < 0 ? capacity : room) - lengths[item];
            (open[left] ??= new()).Push(row);
            rooms[left / 64] |= 1UL << (left % 64);
        }

        return Gather(sorted, rowOf, rows);
    }

    // Stable, longest first.
    private static int[] Sort(int[] lengths, int[] order, int capacity)
    {
        var next = new int[capacity + 2];
        foreach (var length in lengths)
            next[length]++;
        for (int length = capacity, before = 0; length >= 0; length--)
            (next[length], before) = (before, before + next[length]);
        var sorted = new int[order.Length];
        foreach (var item in order)
            sorted[next[lengths[item]]++] = item;
        return sorted;
    }

    private static int Least(ulong[] rooms, int length)
    {
        var word = length / 64;
        var bits = rooms[word] & (ulong.MaxValue << (length % 64));
        while (bits == 0 && ++word < rooms.Length)
            bits = rooms[word];
        return bits == 0 ? -1 : (word * 64) + BitOperations.TrailingZeroCount(bits);
    }

    private static (int[] Items, int[] Starts) Gather(int[] sorted, int[] rowOf, int rows)
    {
        var starts = new int[rows + 1];
        foreach (var row in rowOf)
            starts[row + 1]++;
        for (var row = 0; row < rows; row++)
            starts[row + 1] += starts[row];
        var (items, next) = (new int[sorted.Length], starts[..rows]);
        foreach (var item in sorted)
            items[next[rowOf[item]]++] = item;
        return (items, starts);
    }
}
