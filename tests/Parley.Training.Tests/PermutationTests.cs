using FsCheck;
using FsCheck.Fluent;
using Parley.Training.Batches;

namespace Parley.Training.Tests;

/// <summary>The computed shuffle: a bijection for every size, another one for every seed and epoch.</summary>
public sealed class PermutationTests
{
    [Fact]
    public void It_is_a_bijection_of_any_size()
    {
        var sizes = Gen.Choose(1, 2000).ToArbitrary();
        Prop.ForAll(sizes, ArbMap.Default.ArbFor<ulong>(), (count, seed) =>
        {
            var permutation = new Permutation(count, seed, 3);
            return Enumerable.Range(0, count).Select(index => permutation[index]).Order().SequenceEqual(Enumerable.Range(0, count).Select(index => (long)index));
        }).QuickCheckThrowOnFailure();
    }

    [Fact]
    public void Seeds_and_epochs_shuffle_differently()
    {
        long[] Order(ulong seed, ulong epoch) => [.. Enumerable.Range(0, 200).Select(index => new Permutation(200, seed, epoch)[index])];
        Assert.NotEqual(Order(1, 0), Order(2, 0));
        Assert.NotEqual(Order(1, 0), Order(1, 1));
        Assert.True(Order(1, 0).Index().Count(pair => pair.Item == pair.Index) < 10);
    }

    [Fact]
    public void Huge_ranges_stay_inside()
    {
        var permutation = new Permutation(1L << 40, 7, 0);
        Assert.All(Enumerable.Range(0, 1000), index => Assert.InRange(permutation[index], 0, (1L << 40) - 1));
    }
}
