using System.Runtime.InteropServices;

namespace Parley.Text;

/// <summary>
/// How often each distinct word occurs: what byte pair merges are learned from. One a thread; sums of them are the same in any order. A word longer than
/// <see cref="LongestWord"/> (a line of dashes, base64) is counted in stretches, or each merge would go through all of it again.
/// </summary>
internal sealed class WordCounts(SplitPattern pattern)
{
    /// <summary>In characters.</summary>
    public const int LongestWord = 256;

    private readonly Dictionary<WordKey, long> _short = [];
    private readonly Dictionary<string, long> _long = new(StringComparer.Ordinal);

    public void Add(string document) => WordSplitter.Split(pattern, document, Count);

    public void Add(WordCounts other)
    {
        foreach (var (word, count) in other._short)
            CollectionsMarshal.GetValueRefOrAddDefault(_short, word, out _) += count;
        foreach (var (word, count) in other._long)
            CollectionsMarshal.GetValueRefOrAddDefault(_long, word, out _) += count;
    }

    public IReadOnlyCollection<(string Word, long Count)> All() =>
        [.. _short.Select(word => (word.Key.Text(), word.Value)), .. _long.Select(word => (word.Key, word.Value))];

    private void Count(ReadOnlySpan<char> word)
    {
        while (word.Length > LongestWord)
        {
            var length = char.IsHighSurrogate(word[LongestWord - 1]) ? LongestWord - 1 : LongestWord;
            CountLong(word[..length]);
            word = word[length..];
        }

        if (WordKey.TryCreate(word, word.Length, out var key))
            CollectionsMarshal.GetValueRefOrAddDefault(_short, key, out _)++;
        else
            CountLong(word);
    }

    private void CountLong(ReadOnlySpan<char> word) =>
        CollectionsMarshal.GetValueRefOrAddDefault(_long.GetAlternateLookup<ReadOnlySpan<char>>(), word, out _)++;
}
