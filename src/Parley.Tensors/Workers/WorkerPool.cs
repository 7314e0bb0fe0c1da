using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Runtime.ExceptionServices;

namespace Parley.Tensors;

/// <summary>
/// A fixed set of threads that share the chunks of one piece of work at a time, neighbouring chunks on one thread as far as that goes; the
/// calling thread is worker 0. Waiting threads spin a moment, then yield, then park: other processes may want the cores. A worker that has
/// not woken by the time all chunks are taken is not waited for. A dispatch allocates nothing.
/// </summary>
public sealed unsafe class WorkerPool : IDisposable
{
    private readonly Thread[] _threads;
    private readonly Dispatch _dispatch;
    private readonly ParkingSpot _caller = new();
    private readonly ParkingSpot[] _spots;
    private Exception? _failure;
    private int _busy;
    private bool _disposed;

    /// <param name="threads">Threads that compute, the calling one included; at least 1.</param>
    public WorkerPool(int threads)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(threads, 1);
        _dispatch = new Dispatch(threads);
        _threads = new Thread[threads - 1];
        _spots = new ParkingSpot[threads - 1];
        for (int i = 0; i < _threads.Length; i++)
        {
            int worker = i + 1;
            _spots[i] = new ParkingSpot();
            _threads[i] = new Thread(() => Serve(worker)) { IsBackground = true, Name = $"parley worker {worker}" };
            _threads[i].Start();
        }
    }

    public int Threads => _threads.Length + 1;

    /// <summary>If set, every dispatch is timed there.</summary>
    public WorkProfile? Profile { get; set; }

    /// <summary>Runs chunks 0 to <paramref name="chunks"/> - 1 and returns when all are done.</summary>
    /// <exception cref="InvalidOperationException">The pool is already running something: from another thread, or from inside a chunk.</exception>
    public void Run<T>(in T work, int chunks)
        where T : struct, IWork => RunPerWorker(new ChunkOnly<T>(work), chunks);

    /// <summary>As <see cref="Run"/>, for work that uses its worker's scratch. The first exception of a chunk is rethrown when all threads are done.</summary>
    /// <param name="work">What to run; copied.</param>
    /// <param name="chunks">How many chunks there are.</param>
    /// <param name="fillers">How many of them, the last ones, are short and come when all others are taken, so that the threads finish together.</param>
    public void RunPerWorker<T>(in T work, int chunks, int fillers = 0)
        where T : struct, IWorkerWork
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        if (Interlocked.Exchange(ref _busy, 1) != 0)
        {
            throw new InvalidOperationException("The worker pool is running other work; give each computing thread its own ComputeContext.");
        }

        long started = Profile is null ? 0 : Stopwatch.GetTimestamp();
        try
        {
            T local = work; // on this stack, so that its address holds for the whole dispatch
            if (_threads.Length == 0 || chunks <= 1)
            {
                for (int chunk = 0; chunk < chunks; chunk++)
                {
                    local.Execute(chunk, 0);
                }
            }
            else
            {
                Share(&Invoke<T>, Unsafe.AsPointer(ref local), chunks, fillers);
            }
        }
        finally
        {
            Profile?.Add(typeof(T), started);
            Volatile.Write(ref _busy, 0);
        }
    }

    public void Dispose()
    {
        if (_disposed)
        {
            return;
        }

        _disposed = true;
        _dispatch.Stop();
        foreach (ParkingSpot spot in _spots)
        {
            spot.Wake();
        }

        foreach (Thread thread in _threads)
        {
            thread.Join();
        }

        foreach (ParkingSpot spot in _spots)
        {
            spot.Dispose();
        }

        _caller.Dispose();
    }

    private static void Invoke<T>(void* work, int chunk, int worker)
        where T : struct, IWorkerWork => Unsafe.AsRef<T>(work).Execute(chunk, worker);

    private void Share(delegate*<void*, int, int, void> invoke, void* work, int chunks, int fillers)
    {
        _dispatch.Open(invoke, work, chunks, fillers);
        foreach (ParkingSpot spot in _spots)
        {
            spot.Wake();
        }

        TakeChunks(0);
        _dispatch.Close();
        int turn = 0;
        while (_dispatch.Active)
        {
            _caller.Wait(ref turn, _dispatch, static dispatch => dispatch.Active);
        }

        Exception? failure = _failure;
        if (failure is not null)
        {
            _failure = null;
            ExceptionDispatchInfo.Throw(failure);
        }
    }

    private void TakeChunks(int worker)
    {
        try
        {
            while (_dispatch.TryTake(worker, out int chunk))
            {
                _dispatch.Invoke(chunk, worker);
            }
        }
        catch (Exception exception)
        {
            // Kept for the caller, whose stack is the one that matters; the chunks that are left are dropped.
            Interlocked.CompareExchange(ref _failure, exception, null);
            _dispatch.DropRest();
        }
    }

    private void Serve(int worker)
    {
        ParkingSpot spot = _spots[worker - 1];
        int seen = 0;
        int turn = 0;
        while (!_dispatch.Stopped)
        {
            if (_dispatch.TryJoin(ref seen))
            {
                TakeChunks(worker);
                if (_dispatch.Leave())
                {
                    _caller.Wake();
                }

                turn = 0;
            }
            else
            {
                int last = seen;
                spot.Wait(ref turn, (_dispatch, last), static waiting => !waiting._dispatch.HasNews(waiting.last));
            }
        }
    }

    private readonly struct ChunkOnly<T>(T work) : IWorkerWork
        where T : struct, IWork
    {
        private readonly T _work = work;

        public void Execute(int chunk, int worker) => _work.Execute(chunk);
    }
}
