namespace Parley.Text;

/// <summary>
/// The ids of words that were seen lately, for all threads: a table of fixed size in which a newer word takes the place of an
/// older one of the same slot. So it needs no lock, does not grow, and a flood of odd words cannot lock out the common ones.
/// </summary>
internal sealed class WordCache
{
    /// <summary>In characters.</summary>
    public const int LongestWord = 48;

    private readonly Entry?[] _slots = new Entry?[1 << 16];

    /// <summary>Null when the word is not known.</summary>
    public int[]? Find(ReadOnlySpan<char> word, out int slot)
    {
        slot = (int)(Hash(word) >> 48);
        var entry = _slots[slot];
        return entry is not null && word.SequenceEqual(entry.Word) ? entry.Ids : null;
    }

    public void Store(int slot, ReadOnlySpan<char> word, ReadOnlySpan<int> ids)
    {
        if (word.Length <= LongestWord)
            _slots[slot] = new Entry(word.ToString(), [.. ids]);
    }

    private static ulong Hash(ReadOnlySpan<char> word)
    {
        var hash = (ulong)word.Length;
        foreach (var character in word)
            hash = (hash ^ character) * 0x9E3779B97F4A7C15;
        return hash ^ (hash << 23);
    }

    private sealed record Entry(string Word, int[] Ids);
}
