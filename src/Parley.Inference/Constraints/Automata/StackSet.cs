using System.Numerics;

namespace Parley.Inference;

/// <summary>
/// Where rules that are being read return to: all ways at once, each to a node with a number and the stack under it. Interned, so that equal
/// stacks are one object.
/// </summary>
internal sealed class StackSet(int id, StackEntry[] entries, bool isBottom)
{
    public int Id { get; } = id;

    /// <summary>Of its contents alone, so that what is in order by it does not depend on what was read before.</summary>
    public ulong Order { get; } = OrderOf(entries, isBottom);

    /// <summary>Sorted, none twice.</summary>
    public StackEntry[] Entries { get; } = entries;

    /// <summary>One way leads out of the first rule: the text may be at its end.</summary>
    public bool IsBottom { get; } = isBottom;

    private static ulong OrderOf(StackEntry[] entries, bool isBottom)
    {
        var order = isBottom ? 1UL : 2UL;
        foreach (var entry in entries)
        {
            order = (BitOperations.RotateLeft(order, 23) ^ (uint)entry.Node) * 0x9E3779B97F4A7C15;
            order = (BitOperations.RotateLeft(order, 23) ^ (uint)entry.Data ^ entry.Parent.Order) * 0xBF58476D1CE4E5B9;
        }

        return order;
    }
}

/// <summary>A way back: the node to go on at, its number (a repetition's count), and what lies under it.</summary>
internal readonly record struct StackEntry(int Node, int Data, StackSet Parent) : IComparable<StackEntry>
{
    public int CompareTo(StackEntry other) =>
        Node != other.Node ? Node.CompareTo(other.Node)
        : Data != other.Data ? Data.CompareTo(other.Data)
        : Parent.Order != other.Parent.Order ? Parent.Order.CompareTo(other.Parent.Order)
        : Parent.Id.CompareTo(other.Parent.Id);
}

/// <summary>Makes each stack once.</summary>
internal sealed class StackPool
{
    /// <summary>
    /// Ways back to where one goes already, with another count or other ways under it: more than this are not followed. An ambiguous grammar loses alternatives, never
    /// the right to end; one that calls a rule from many places loses none.
    /// </summary>
    private const int MostAmbiguous = 1024;

    private readonly Dictionary<(int Hash, int Length), List<StackSet>> _known = [];
    private int _ids;

    public StackPool() => Bottom = new StackSet(_ids++, [], isBottom: true);

    public StackSet Bottom { get; }

    public StackSet Intern(List<StackEntry> entries, bool isBottom)
    {
        if (entries.Count == 0 && isBottom)
        {
            return Bottom;
        }

        var sorted = Sorted(entries);
        var hash = new HashCode();
        hash.Add(isBottom);
        foreach (var entry in sorted)
        {
            hash.Add(entry.Node);
            hash.Add(entry.Data);
            hash.Add(entry.Parent.Id);
        }

        var key = (hash.ToHashCode(), sorted.Length);
        if (!_known.TryGetValue(key, out var same))
        {
            _known[key] = same = [];
        }

        foreach (var known in same)
        {
            if (known.IsBottom == isBottom && known.Entries.AsSpan().SequenceEqual(sorted))
            {
                return known;
            }
        }

        same.Add(new StackSet(_ids++, sorted, isBottom));
        return same[^1];
    }

    /// <summary>Forgets what is known; stacks in use stay valid, new ones equal to them are new objects.</summary>
    public void Clear() => _known.Clear();

    private static StackEntry[] Sorted(List<StackEntry> entries)
    {
        if (entries.Count == 1)
        {
            return [entries[0]];
        }

        entries.Sort();
        var (distinct, ambiguous) = (new List<StackEntry>(entries.Count), 0);
        foreach (var entry in entries)
        {
            if (distinct.Count == 0 || distinct[^1].Node != entry.Node || (distinct[^1] != entry && ++ambiguous < MostAmbiguous))
            {
                distinct.Add(entry);
            }
        }

        return [.. distinct];
    }
}
