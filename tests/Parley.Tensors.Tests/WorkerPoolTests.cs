using Parley.Testing;

namespace Parley.Tensors.Tests;

/// <summary>Every chunk once, on few or many threads; exceptions come back; a dispatch allocates nothing.</summary>
public sealed class WorkerPoolTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(9)]
    public void Every_chunk_runs_once_in_every_dispatch(int threads)
    {
        using WorkerPool pool = new(threads);
        int[] counts = new int[50];
        for (int round = 1; round <= 300; round++)
        {
            int chunks = round % counts.Length;
            pool.Run(new Count(counts), chunks);
            Assert.Equal(-1, counts.AsSpan(0, chunks).IndexOfAnyExcept(1));
            Assert.Equal(-1, counts.AsSpan(chunks).IndexOfAnyExcept(0));
            counts.AsSpan().Clear();
        }
    }

    [Fact]
    public void A_worker_that_is_held_up_leaves_its_chunks_to_the_others()
    {
        using WorkerPool pool = new(2);
        int[] takers = new int[40];
        pool.RunPerWorker(new Detain(takers), takers.Length);
        Assert.InRange(takers.Count(taker => taker == 1), takers.Length - 1, takers.Length);
        Assert.DoesNotContain(0, takers);
    }

    [Fact]
    public unsafe void Fillers_come_when_all_other_chunks_are_taken()
    {
        Dispatch dispatch = new(2);
        for (int round = 0; round < 2; round++)
        {
            dispatch.Open(null, null, 9, fillers: 3);
            List<int> taken = [];
            while (dispatch.TryTake(taken.Count < 2 ? 0 : 1, out int chunk))
            {
                taken.Add(chunk);
            }

            Assert.Equal([0, 1, 3, 4, 5, 2, 6, 7, 8], taken);
            dispatch.Close();
        }

        dispatch.Open(null, null, 4, fillers: 4);
        Assert.True(dispatch.TryTake(1, out int first) && first == 0);
        dispatch.DropRest();
        Assert.False(dispatch.TryTake(0, out _));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Every_filler_runs_once(int threads)
    {
        using WorkerPool pool = new(threads);
        int[] takers = new int[30];
        for (int fillers = 0; fillers <= takers.Length; fillers++)
        {
            pool.RunPerWorker(new Tally(takers), takers.Length, fillers);
            Assert.Equal(-1, takers.AsSpan().IndexOfAnyExcept(fillers + 1));
        }
    }

    [Fact]
    public void No_two_chunks_share_a_worker_at_once()
    {
        using WorkerPool pool = new(3);
        int[] inside = new int[3];
        for (int round = 0; round < 100; round++)
        {
            pool.RunPerWorker(new Enter(inside), 40);
        }

        Assert.Equal([0, 0, 0], inside);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void An_exception_reaches_the_caller_and_the_pool_works_on(int threads)
    {
        using WorkerPool pool = new(threads);
        int[] counts = new int[20];
        for (int round = 0; round < 50; round++)
        {
            int bad = round % 20;
            InvalidDataException exception = Assert.Throws<InvalidDataException>(() => pool.Run(new Fail(bad), 20));
            Assert.Equal($"chunk {bad}", exception.Message);
        }

        pool.Run(new Count(counts), 20);
        Assert.Equal(-1, counts.AsSpan().IndexOfAnyExcept(1));
    }

    [Fact]
    public void A_dispatch_from_inside_a_chunk_is_refused()
    {
        using WorkerPool pool = new(2);
        Assert.Contains("ComputeContext", Assert.Throws<InvalidOperationException>(() => pool.Run(new Nest(pool), 4)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_dispatch_allocates_nothing()
    {
        using WorkerPool pool = new(2);
        int[] counts = new int[8];
        pool.Run(new Count(counts), 8);
        Assert.Equal(0, Allocations.Least(1000, () => pool.Run(new Count(counts), 8)));
    }

    [Fact]
    public void A_disposed_pool_and_no_threads_are_errors()
    {
        WorkerPool pool = new(2);
        pool.Dispose();
        pool.Dispose();
        Assert.Throws<ObjectDisposedException>(() => pool.Run(new Fail(-1), 1));
        Assert.Throws<ArgumentOutOfRangeException>(() => new WorkerPool(0));
    }

    /// <summary>Worker 1 stays in its first chunk until all others are done; it can only be worker 0 who does them.</summary>
    private readonly struct Detain(int[] takers) : IWorkerWork
    {
        public void Execute(int chunk, int worker)
        {
            while (worker == 1 && takers.Count(taker => taker == 1) < takers.Length - 1)
            {
                Thread.Yield();
            }

            Volatile.Write(ref takers[chunk], worker + 1);
        }
    }

    private readonly struct Tally(int[] counts) : IWorkerWork
    {
        public void Execute(int chunk, int worker) => Interlocked.Increment(ref counts[chunk]);
    }

    private readonly struct Count(int[] counts) : IWork
    {
        public void Execute(int chunk) => Interlocked.Increment(ref counts[chunk]);
    }

    private readonly struct Enter(int[] inside) : IWorkerWork
    {
        public void Execute(int chunk, int worker)
        {
            Assert.Equal(1, Interlocked.Increment(ref inside[worker]));
            Thread.SpinWait(20);
            Interlocked.Decrement(ref inside[worker]);
        }
    }

    private readonly struct Fail(int bad) : IWork
    {
        public void Execute(int chunk)
        {
            if (chunk == bad)
            {
                throw new InvalidDataException($"chunk {bad}");
            }
        }
    }

    private readonly struct Nest(WorkerPool pool) : IWork
    {
        public void Execute(int chunk) => pool.Run(new Fail(-1), 2);
    }
}
