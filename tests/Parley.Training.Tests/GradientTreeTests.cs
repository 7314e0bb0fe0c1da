using Parley.Tensors;
using Parley.Training.Optimization;

namespace Parley.Training.Tests;

/// <summary>The sum of shard gradients has one order, written out here as a recursion and compared bit by bit.</summary>
public sealed class GradientTreeTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(6)]
    [InlineData(8)]
    [InlineData(16)]
    [InlineData(1, true)]
    [InlineData(2, true)]
    [InlineData(6, true)]
    [InlineData(7, true)]
    [InlineData(8, true)]
    public void The_order_is_a_binary_tree_over_the_shard_numbers(int shards, bool known = false)
    {
        using var context = new ComputeContext(1);
        using var parameter = new Parameter("w", Tensor.Allocate(new Shape(2, 16)));
        var leaves = Enumerable.Range(0, shards).Select(Leaf).ToArray();
        using var tree = new GradientTree([parameter], new TensorMath(context));
        tree.Begin(known ? shards : 0);
        foreach (var leaf in leaves)
        {
            parameter.Gradient!.CopyFrom(leaf);
            tree.Push();
        }

        tree.Finish();
        Assert.Equal(Sum(leaves), parameter.Gradient!.ToArray());
    }

    [Fact]
    public void A_second_step_starts_from_nothing()
    {
        using var context = new ComputeContext(1);
        using var parameter = new Parameter("w", Tensor.Allocate(new Shape(2, 16)));
        using var tree = new GradientTree([parameter], new TensorMath(context));
        for (var step = 0; step < 2; step++)
        {
            tree.Begin();
            foreach (var leaf in new[] { Leaf(1), Leaf(2), Leaf(3) })
            {
                parameter.Gradient!.CopyFrom(leaf);
                tree.Push();
            }

            tree.Finish();
            Assert.Equal(Sum([Leaf(1), Leaf(2), Leaf(3)]), parameter.Gradient!.ToArray());
        }
    }

    // Numbers of very different size, so that another order of additions gives other bits.
    private static float[] Leaf(int shard) => [.. Enumerable.Range(0, 32).Select(i => Philox.Normal(3, (ulong)shard, (ulong)i) * MathF.Pow(10, shard % 5))];

    /// <summary>Full subtrees from the left, the largest power of two first; what is left over joins from the smallest up.</summary>
    private static float[] Sum(float[][] leaves)
    {
        if (leaves.Length == 1) return leaves[0];
        var left = 1;
        while (left * 2 < leaves.Length) left *= 2;
        return [.. Sum(leaves[..left]).Zip(Sum(leaves[left..]), (a, b) => a + b)];
    }
}
