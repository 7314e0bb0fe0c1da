namespace Parley.Inference;

/// <summary>Where a text that has been read may be in the grammar: all places at once. Equal states are one object until the automaton forgets.</summary>
internal sealed class AutomatonState(AutomatonItem[] items, bool isComplete, int generation)
{
    public static AutomatonState Dead { get; } = new([], false, -1);

    public AutomatonItem[] Items { get; } = items;

    /// <summary>What a step from here costs: places, and ways back of them. It follows from the text that was read, whatever else the automaton has met.</summary>
    public int Weight { get; } = items.Sum(item => 1 + item.Stack.Entries.Length);

    /// <summary>What was read is a whole text.</summary>
    public bool IsComplete { get; } = isComplete;

    /// <summary>Which life of the automaton made it.</summary>
    public int Generation { get; } = generation;

    /// <summary>By byte; null where nobody asked yet. Made when the first does: most states of a walk over tokens are ends, which nothing leaves.</summary>
    public AutomatonState?[] Next => field ??= Items.Length == 0 ? [] : new AutomatonState?[256];

    /// <summary>One bit a token, once computed.</summary>
    public ulong[]? Mask { get; set; }
}

/// <summary>A place that reads a byte next: the node, its number (a machine's state), and where its rule returns to.</summary>
internal readonly record struct AutomatonItem(int Node, int Data, StackSet Stack);
