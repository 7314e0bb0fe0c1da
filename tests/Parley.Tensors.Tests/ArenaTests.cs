using Parley.Testing;

namespace Parley.Tensors.Tests;

/// <summary>Reuse of memory and of tensor objects from step to step.</summary>
public sealed unsafe class ArenaTests
{
    [Fact]
    public void A_reset_gives_the_same_objects_on_the_same_memory_again()
    {
        using Arena arena = new();
        Tensor first = arena.Take(new Shape(3, 5));
        Tensor second = arena.Take(new Shape(100), DType.BF16);
        Tensor view = arena.Rows(first, 1, 2);
        (nint a, nint b) = ((nint)first.Address, (nint)second.Address);
        Assert.Equal(0, b % 64);
        Assert.Equal(a + 20, (nint)view.Address);
        arena.Reset();
        Assert.Same(first, arena.Take(new Shape(7, 2)));
        Assert.Same(second, arena.Take(new Shape(4)));
        Assert.Equal(a, (nint)first.Address);
        Assert.Equal(new Shape(7, 2), first.Shape);
        Assert.Equal(DType.F32, second.DType);
    }

    [Fact]
    public void Tensors_do_not_overlap_also_when_the_arena_grows()
    {
        using Arena arena = new();
        Tensor[] tensors = [.. Enumerable.Range(1, 30).Select(i => arena.Take(new Shape(i * 37_000)))];
        for (int i = 0; i < tensors.Length; i++)
        {
            tensors[i].Fill(i);
        }

        for (int i = 0; i < tensors.Length; i++)
        {
            Assert.Equal(-1, tensors[i].ToHost().IndexOfAnyExcept((float)i));
        }

        long capacity = arena.CapacityBytes;
        arena.Reset();
        Assert.Equal(0f, arena.Take(new Shape(1000), zeroed: true).ToHost()[999]);
        Assert.Equal(capacity, arena.CapacityBytes);
    }

    [Fact]
    public void A_steady_state_allocates_nothing()
    {
        using Arena arena = new();
        void Step()
        {
            Tensor tensor = arena.Take(new Shape(64, 64), zeroed: true);
            arena.Reshape(arena.Rows(tensor, 3, 8), new Shape(2, 4, 64)).Fill(1);
            arena.Reset();
        }

        Step();
        Assert.Equal(0, Allocations.Least(100, Step));
    }

    [Fact]
    public void After_disposal_neither_arena_nor_tensors_work()
    {
        Arena arena = new();
        Tensor tensor = arena.Take(new Shape(4));
        tensor.Dispose(); // borrowed: nothing happens
        tensor.Fill(1);
        arena.Dispose();
        arena.Dispose();
        Assert.Throws<ObjectDisposedException>(() => arena.Take(new Shape(4)));
        Assert.Throws<ObjectDisposedException>(() => tensor.ToArray());
    }
}
