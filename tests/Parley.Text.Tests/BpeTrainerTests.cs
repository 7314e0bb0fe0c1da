using FsCheck;
using FsCheck.Fluent;

namespace Parley.Text.Tests;

public sealed class BpeTrainerTests
{
    [Fact]
    public void The_order_of_documents_does_not_matter()
    {
        string[] documents = [.. SampleTokenizer.Prose.Split('\n'), "low lower lowest", "new newer newest", "aaaa aaa aa a"];
        var expected = Train(documents, 320).Hash;
        var generator = Gen.Shuffle(documents).ToArbitrary();
        Prop.ForAll(generator, shuffled => Train(shuffled, 320).Hash == expected).QuickCheckThrowOnFailure();
    }

    /// <summary>The incremental counts against a trainer that recounts everything before every merge.</summary>
    [Fact]
    public void Incremental_counting_equals_recounting()
    {
        var words = Gen.Elements("aaaa", "aaab", "abab", "ababa", "bbb", "cabab", "low", "lower").ListOf().Select(list => string.Join(' ', list));
        Prop.ForAll(words.ToArbitrary(), text => Train([text], 275).Merges.SequenceEqual(Recount(text, 275 - 259))).QuickCheckThrowOnFailure();
    }

    [Fact]
    public void Threads_leave_no_trace()
    {
        string[] documents = [.. Enumerable.Range(0, 50).Select(i => $"{SampleTokenizer.Prose[(i * 3)..]} {i * 7919} {new string('x', i * 20)}é中文{i}")];
        var hashes = new[] { 1, 2, 5 }.Select(threads => new BpeTrainer().Train(documents, new() { VocabularySize = 420, Threads = threads }).Hash);
        Assert.Single(hashes.Distinct(StringComparer.Ordinal));
    }

    /// <summary>Each merge goes through the words that hold it: a word without end would be gone through at every one.</summary>
    [Fact]
    public void A_megabyte_without_a_space_is_learned_from_in_good_time()
    {
        var random = new Random(1);
        var letters = string.Create(1_000_000, random, (text, source) => source.GetItems<char>("abcdefghijklmnop", text));
        Assert.Equal(1000, Train([letters, new string('z', 1_000_000), string.Concat(Enumerable.Repeat("😀", 1000))], 1000).VocabularySize);
    }

    [Fact]
    public void What_reading_a_document_throws_comes_out_as_it_is()
    {
        static IEnumerable<string> Documents()
        {
            yield return "text";
            throw new InvalidDataException("line 2 is damaged");
        }

        Assert.Equal("line 2 is damaged", Assert.Throws<InvalidDataException>(() => Train(Documents(), 300)).Message);
    }

    [Fact]
    public void The_vocabulary_has_the_size_asked_for()
    {
        var tokenizer = Train([SampleTokenizer.Prose, SampleTokenizer.Prose], 300);
        Assert.Equal(300, tokenizer.VocabularySize);
        Assert.Equal([297, 298, 299], tokenizer.Special.All.Select(token => token.Value));
    }

    [Fact]
    public void A_vocabulary_without_room_is_refused()
    {
        var error = Assert.Throws<ArgumentException>(() => Train(["text"], 258));
        Assert.Contains("make it larger", error.Message, StringComparison.Ordinal);
    }

    private static BpeTokenizer Train(IEnumerable<string> documents, int size) => new BpeTrainer().Train(documents, new() { VocabularySize = size });

    private static List<string> Recount(string text, int merges)
    {
        var words = new List<List<int>>();
        WordSplitter.Split(SplitPattern.Qwen2, text, word => words.Add([.. word.ToString().Select(character => Array.IndexOf(ByteAlphabet.BytesInOrder, (byte)character))]));
        var names = ByteAlphabet.BytesInOrder.Select(value => ByteAlphabet.Write([value])).ToList();
        var result = new List<string>();
        while (result.Count < merges)
        {
            var best = words.SelectMany(word => word.Zip(word.Skip(1))).CountBy(pair => pair)
                .OrderByDescending(entry => entry.Value).ThenBy(entry => entry.Key).FirstOrDefault();
            if (best.Value < 2)
                break;
            result.Add($"{names[best.Key.First]} {names[best.Key.Second]}");
            names.Add(names[best.Key.First] + names[best.Key.Second]);
            words.ForEach(word => MergeEverywhere(word, best.Key, names.Count - 1));
        }

        return result;
    }

    private static void MergeEverywhere(List<int> word, (int First, int Second) pair, int merged)
    {
        for (var i = 0; i + 1 < word.Count; i++)
        {
            if ((word[i], word[i + 1]) != pair)
                continue;
            word[i] = merged;
            word.RemoveAt(i + 1);
        }
    }
}
