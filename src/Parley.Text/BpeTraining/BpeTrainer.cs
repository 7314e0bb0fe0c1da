using System.Runtime.InteropServices;

namespace Parley.Text;

/// <summary>
/// Learns byte pair merges: counts the words of all documents once, then merges the most frequent pair again and again,
/// updating only the words that hold it. Equal documents in any order give the equal tokenizer: of pairs equally
/// frequent the one with the lowest ids goes first.
/// </summary>
public sealed class BpeTrainer
{
    /// <exception cref="ArgumentException">The vocabulary is too small for the bytes and the special tokens.</exception>
    public BpeTokenizer Train(IEnumerable<string> documents, BpeTrainerOptions? options = null, CancellationToken cancellationToken = default)
    {
        options ??= new();
        var mergeCount = options.VocabularySize - 256 - options.SpecialTokens.Count;
        if (mergeCount < 0)
        {
            throw new ArgumentException(
                $"A vocabulary of {options.VocabularySize} has no room for 256 bytes and {options.SpecialTokens.Count} special tokens; make it larger.",
                nameof(options));
        }

        var words = CountWords(documents, options.Pattern, cancellationToken);
        var merges = new PairCounts(words).Merge(mergeCount, options.MinFrequency, cancellationToken);
        return new BpeTokenizer(Assemble(merges, options));
    }

    private static Dictionary<string, long> CountWords(IEnumerable<string> documents, SplitPattern pattern, CancellationToken cancellationToken)
    {
        var words = new Dictionary<string, long>(StringComparer.Ordinal);
        var bySpan = words.GetAlternateLookup<ReadOnlySpan<char>>();
        foreach (var document in documents)
        {
            cancellationToken.ThrowIfCancellationRequested();
            WordSplitter.Split(pattern, document, word => CollectionsMarshal.GetValueRefOrAddDefault(bySpan, word, out _)++);
        }

        return words;
    }

    private static BpeVocabulary Assemble(IReadOnlyList<(int Left, int Right)> merges, BpeTrainerOptions options)
    {
        var tokens = new List<string>(ByteAlphabet.BytesInOrder.Select(value => ByteAlphabet.Write([value])));
        var named = new List<string>(merges.Count);
        foreach (var (left, right) in merges)
        {
            named.Add($"{tokens[left]} {tokens[right]}");
            tokens.Add(tokens[left] + tokens[right]);
        }

        var special = new List<AddedToken>();
        foreach (var text in options.SpecialTokens)
        {
            special.Add(new AddedToken(text, tokens.Count));
            tokens.Add(text);
        }

        return new BpeVocabulary(tokens, named, special, options.Pattern);
    }
}
