using FsCheck;
using FsCheck.Fluent;

namespace Parley.Text.Tests;

/// <summary>Both ways of merging against the definition: again and again the pair of lowest rank, the leftmost of equals.</summary>
public sealed class PairMergerTests
{
    [Fact]
    public void Short_and_long_words_merge_as_the_definition_says()
    {
        var merges = Gen.Choose(0, 5).Two().SelectMany(pair => Gen.Choose(0, 9).Select(rank => (pair.Item1, pair.Item2, rank))).ListOf(24);
        var words = Gen.Choose(0, 2).ArrayOf(30).SelectMany(few => Gen.Choose(0, 2).ArrayOf(120).Select(many => (Few: few, Many: many)));
        Prop.ForAll(merges.ToArbitrary(), words.ToArbitrary(), (pairs, word) =>
        {
            var table = new MergeTable(pairs.Count);
            foreach (var (left, right, rank) in pairs)
                table.Add(left, right, rank, (left + right + rank) % 6);
            return Agree(word.Few, table) && Agree(word.Many, table);
        }).QuickCheckThrowOnFailure();
    }

    private static bool Agree(int[] word, MergeTable table)
    {
        int[] merged = [.. word];
        return merged.AsSpan(0, PairMerger.Merge(merged, table)).SequenceEqual(Define([.. word], table).ToArray());
    }

    private static List<int> Define(List<int> ids, MergeTable table)
    {
        while (true)
        {
            var best = Enumerable.Range(0, ids.Count - 1).MinBy(i => (table.Rank(ids[i], ids[i + 1]), i));
            if (ids.Count < 2 || table.Rank(ids[best], ids[best + 1]) == int.MaxValue)
                return ids;
            ids[best] = table.Result(ids[best], ids[best + 1]);
            ids.RemoveAt(best + 1);
            if (ids.Count < 2)
                return ids;
        }
    }
}
