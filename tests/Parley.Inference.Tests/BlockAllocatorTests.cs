namespace Parley.Inference.Tests;

/// <summary>Blocks are handed out once, shared by count and never lost.</summary>
public sealed class BlockAllocatorTests
{
    [Fact]
    public void EveryBlockIsHandedOutOnceThenNone()
    {
        var allocator = new BlockAllocator(5);
        var blocks = new HashSet<int>();
        for (var i = 0; i < 5; i++)
        {
            Assert.True(allocator.TryAllocate(out var block));
            Assert.True(blocks.Add(block));
            Assert.InRange(block, 0, 4);
        }

        Assert.False(allocator.TryAllocate(out _));
        Assert.Equal((0, 5), (allocator.Free, allocator.Used));
    }

    [Fact]
    public void ASharedBlockIsFreedByItsLastHolder()
    {
        var allocator = new BlockAllocator(1);
        allocator.TryAllocate(out var block);
        allocator.Share(block);
        allocator.Release(block);
        Assert.Equal(0, allocator.Free);
        Assert.Equal(1, allocator.HoldersOf(block));
        allocator.Release(block);
        Assert.Equal(1, allocator.Free);
    }

    [Fact]
    public void ReleasingAFreeBlockIsAnError()
    {
        var allocator = new BlockAllocator(2);
        allocator.TryAllocate(out var block);
        allocator.Release(block);
        Assert.Throws<InvalidOperationException>(() => allocator.Release(block));
        Assert.Throws<InvalidOperationException>(() => allocator.Share(2));
    }

    [Theory]
    [InlineData(0, 0)]
    [InlineData(1, 1)]
    [InlineData(16, 1)]
    [InlineData(17, 2)]
    public void BlocksHoldSixteenPositions(int positions, int blocks) => Assert.Equal(blocks, BlockAllocator.BlocksFor(positions));
}
