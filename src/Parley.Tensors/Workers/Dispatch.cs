using System.Runtime.InteropServices;

namespace Parley.Tensors;

/// <summary>
/// The shared words of one dispatch. State packs a generation (upper 32 bits), an open flag and the number of workers
/// inside, so that joining and closing are single atomic steps: the caller's stack frame that holds the work cannot go
/// while a worker is inside, and nobody joins after the close.
/// </summary>
internal sealed unsafe class Dispatch
{
    private const long OpenFlag = 1L << 31;
    private const long InsideMask = OpenFlag - 1;

    private Words _words;
    private delegate*<void*, int, int, void> _invoke;
    private void* _work;
    private int _chunks;
    private volatile bool _stopped;

    public bool Stopped => _stopped;

    /// <summary>Whether a worker is still inside.</summary>
    public bool Active => (Volatile.Read(ref _words.State) & InsideMask) != 0;

    /// <summary>Called by the owner only, when closed and nobody is inside.</summary>
    public void Open(delegate*<void*, int, int, void> invoke, void* work, int chunks)
    {
        _invoke = invoke;
        _work = work;
        _chunks = chunks;
        _words.Next = 0;
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

    public bool TryTake(out int chunk)
    {
        chunk = Interlocked.Increment(ref _words.Next) - 1;
        return chunk < _chunks;
    }

    public void DropRest() => Volatile.Write(ref _words.Next, _chunks);

    public void Invoke(int chunk, int worker) => _invoke(_work, chunk, worker);

    // Each hot word on its own cache lines.
    [StructLayout(LayoutKind.Explicit, Size = 384)]
    private struct Words
    {
        [FieldOffset(128)]
        public long State;

        [FieldOffset(256)]
        public int Next;
    }
}
