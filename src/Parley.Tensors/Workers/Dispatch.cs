using System.Runtime.InteropServices;

namespace Parley.Tensors;

/// <summary>
/// The shared words of one dispatch. Each worker has a run of neighbouring chunks and goes through it from the front: processor and kernels
/// ask for what follows in memory ahead of time, which pays only if the same worker comes to it. A worker without chunks takes the last one
/// of whoever has most left. Fillers, short chunks that belong to nobody, come when all others are taken: whoever is done first has
/// something to do until the others are. State packs a generation (upper 32 bits), an open flag and the number of workers inside, so that joining and
/// closing are single atomic steps: the caller's stack frame that holds the work cannot go while a worker is inside, and nobody joins after
/// the close.
/// </summary>
internal sealed unsafe class Dispatch
{
    private const long OpenFlag = 1L << 31;
    private const long InsideMask = OpenFlag - 1;

    private const int LineWords = 128 / sizeof(long); // a run on cache lines of its own

    private readonly long[] _runs; // end (upper 32 bits) and next chunk of each worker, and of the fillers behind them
    private readonly int _workers;
    private Words _words;
    private delegate*<void*, int, int, void> _invoke;
    private void* _work;
    private volatile bool _stopped;

    public Dispatch(int workers)
    {
        _workers = workers;
        _runs = new long[(workers + 2) * LineWords];
    }

    public bool Stopped => _stopped;

    /// <summary>Whether a worker is still inside.</summary>
    public bool Active => (Volatile.Read(ref _words.State) & InsideMask) != 0;

    /// <summary>Called by the owner only, when closed and nobody is inside.</summary>
    /// <param name="chunks">How many chunks there are in all.</param>
    /// <param name="fillers">How many of them, the last ones, are fillers.</param>
    public void Open(delegate*<void*, int, int, void> invoke, void* work, int chunks, int fillers)
    {
        _invoke = invoke;
        _work = work;
        long owned = chunks - fillers;
        for (int worker = 0; worker < _workers; worker++)
        {
            long first = owned * worker / _workers, end = owned * (worker + 1) / _workers;
            Run(worker) = (end << 32) | first;
        }

        Run(_workers) = ((long)chunks << 32) | owned;

        long generation = (_words.State >> 32) + 1;
        // A full fence: the flags of parked workers are read after this.
        Interlocked.Exchange(ref _words.State, (generation << 32) | OpenFlag);
    }

    public void Close() => Interlocked.And(ref _words.State, ~OpenFlag);

    public void Stop()
    {
        _stopped = true;
        Interlocked.MemoryBarrier();
    }

    public bool HasNews(int seen)
    {
        long state = Volatile.Read(ref _words.State);
        return _stopped || ((state & OpenFlag) != 0 && (int)(state >> 32) != seen);
    }

    /// <summary>Joins a dispatch newer than <paramref name="seen"/> if one is open; the joiner must <see cref="Leave"/>.</summary>
    public bool TryJoin(ref int seen)
    {
        long state = Volatile.Read(ref _words.State);
        while ((state & OpenFlag) != 0 && (int)(state >> 32) != seen)
        {
            long before = Interlocked.CompareExchange(ref _words.State, state + 1, state);
            if (before == state)
            {
                seen = (int)(state >> 32);
                return true;
            }

            state = before;
        }

        return false;
    }

    /// <summary>True when this was the last worker inside a closed dispatch: the caller may be asleep.</summary>
    public bool Leave() => (Interlocked.Decrement(ref _words.State) & (OpenFlag | InsideMask)) == 0;

    /// <summary>The worker's next chunk, one that it takes off another's hands, or a filler; false when none is left.</summary>
    public bool TryTake(int worker, out int chunk) => TryTakeFirst(worker, out chunk) || TrySteal(out chunk) || TryTakeFirst(_workers, out chunk);

    public void DropRest()
    {
        for (int worker = 0; worker <= _workers; worker++)
        {
            Interlocked.Exchange(ref Run(worker), 0);
        }
    }

    public void Invoke(int chunk, int worker) => _invoke(_work, chunk, worker);

    private bool TryTakeFirst(int owner, out int chunk)
    {
        ref long own = ref Run(owner);
        long run = Volatile.Read(ref own);
        while (Left(run) > 0)
        {
            long before = Interlocked.CompareExchange(ref own, run + 1, run);
            if (before == run)
            {
                chunk = (int)run;
                return true;
            }

            run = before;
        }

        chunk = 0;
        return false;
    }

    private bool TrySteal(out int chunk)
    {
        while (Fullest() is var victim && victim >= 0)
        {
            ref long other = ref Run(victim);
            long run = Volatile.Read(ref other);
            if (Left(run) > 0 && Interlocked.CompareExchange(ref other, run - (1L << 32), run) == run)
            {
                chunk = (int)(run >> 32) - 1;
                return true;
            }
        }

        chunk = 0;
        return false;
    }

    /// <summary>The worker with most chunks left; -1 when nobody has any.</summary>
    private int Fullest()
    {
        (int fullest, int most) = (-1, 0);
        for (int worker = 0; worker < _workers; worker++)
        {
            int left = Left(Volatile.Read(ref Run(worker)));
            (fullest, most) = left > most ? (worker, left) : (fullest, most);
        }

        return fullest;
    }

    private static int Left(long run) => (int)(run >> 32) - (int)run;

    private ref long Run(int worker) => ref _runs[(worker + 1) * LineWords - 1];

    // On cache lines of its own.
    [StructLayout(LayoutKind.Explicit, Size = 256)]
    private struct Words
    {
        [FieldOffset(128)]
        public long State;
    }
}
