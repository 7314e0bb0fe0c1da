using System.Collections.Concurrent;
using System.Runtime.ExceptionServices;

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

        var words = CountWords(documents, options, cancellationToken);
        var merges = new PairCounts(words.All()).Merge(mergeCount, options.MinFrequency, cancellationToken);
        return new BpeTokenizer(Assemble(merges, options));
    }

    // Counts are sums, and the merges follow from counts alone: which thread counted what leaves no trace.
    private static WordCounts CountWords(IEnumerable<string> documents, BpeTrainerOptions options, CancellationToken cancellationToken)
    {
        var all = new WordCounts(options.Pattern);
        var threads = new ParallelOptions { MaxDegreeOfParallelism = options.Threads > 0 ? options.Threads : Environment.ProcessorCount, CancellationToken = cancellationToken };
        try
        {
            // Without buffering, so that no more documents are in memory than threads.
            Parallel.ForEach(
                Partitioner.Create(documents, EnumerablePartitionerOptions.NoBuffering),
                threads,
                () => new WordCounts(options.Pattern),
                (document, _, counts) =>
                {
                    counts.Add(document);
                    return counts;
                },
                counts =>
                {
                    lock (all)
                        all.Add(counts);
                });
        }
        catch (AggregateException error)
        {
            ExceptionDispatchInfo.Throw(error.Flatten().InnerExceptions[0]);
        }

        return all;
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
