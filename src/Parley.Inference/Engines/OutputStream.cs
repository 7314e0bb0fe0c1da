using System.Threading.Channels;
using System.Threading.Tasks.Sources;

namespace Parley.Inference;

/// <summary>
/// The way from the engine's thread to one reader: the outputs of all choices of a request in the order they were sampled. It completes
/// when the last choice has ended. A ring of structs that is large enough from the start for most answers, so that neither writing nor waking
/// the reader allocates; a reader that lags far behind makes it grow.
/// </summary>
internal sealed class OutputStream : ChannelReader<EngineOutput>, IValueTaskSource<bool>, IThreadPoolWorkItem
{
    private const int MostAtStart = 256;

    private readonly Lock _lock = new();
    private readonly TaskCompletionSource _drained = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private EngineOutput[] _ring;
    private int _first;
    private int _count;
    private int _open;
    private bool _completed;
    private Exception? _error;

    // One reader, so one wait at a time. Whoever sets _waiting back ends the wait.
    private ManualResetValueTaskSourceCore<bool> _wait;
    private CancellationTokenRegistration _cancellation;
    private bool _waiting;
    private CancellationToken _cancelledBy;

    /// <param name="choices">How many ends there will be.</param>
    /// <param name="outputs">How many outputs there may be in all.</param>
    public OutputStream(int choices, int outputs = MostAtStart) => (_open, _ring) = (choices, new EngineOutput[Math.Clamp(outputs, 1, MostAtStart)]);

    public override Task Completion => _drained.Task;

    public override bool CanCount => true;

    public override int Count => Volatile.Read(ref _count);

    public void Write(in EngineOutput output)
    {
        lock (_lock)
        {
            if (_completed)
            {
                return;
            }

            if (_count == _ring.Length)
            {
                Grow();
            }

            _ring[(_first + _count++) % _ring.Length] = output;
            _completed = output.Finish is not null && --_open == 0;
            Wake();
        }
    }

    public void Fail(Exception error)
    {
        lock (_lock)
        {
            if (!_completed)
            {
                (_completed, _error) = (true, error);
                EndWhenDrained();
                Wake();
            }
        }
    }

    public override bool TryRead(out EngineOutput item)
    {
        lock (_lock)
        {
            if (_count == 0)
            {
                item = default;
                return false;
            }

            item = _ring[_first];
            _ring[_first] = default;
            _first = (_first + 1) % _ring.Length;
            _count--;
            EndWhenDrained();
            return true;
        }
    }

    public override ValueTask<bool> WaitToReadAsync(CancellationToken cancellationToken = default)
    {
        if (cancellationToken.IsCancellationRequested)
        {
            return ValueTask.FromCanceled<bool>(cancellationToken);
        }

        lock (_lock)
        {
            if (_count > 0)
            {
                return new(true);
            }

            if (_completed)
            {
                return _error is null ? new(false) : ValueTask.FromException<bool>(_error);
            }

            if (_waiting)
            {
                throw new InvalidOperationException("The outputs of a request have one reader; this one waits already.");
            }

            _wait.Reset();
            (_waiting, _cancelledBy) = (true, default);
        }

        // Outside of the lock: a token that is cancelled by now calls back at once.
        _cancellation = cancellationToken.UnsafeRegister(static (stream, token) => ((OutputStream)stream!).CancelWait(token), this);
        return new(this, _wait.Version);
    }

    /// <summary>Runs on the thread pool, so that the reader never continues on the engine's thread.</summary>
    void IThreadPoolWorkItem.Execute()
    {
        if (_cancelledBy.IsCancellationRequested)
        {
            _wait.SetException(new OperationCanceledException(_cancelledBy));
        }
        else if (_error is { } error && Count == 0)
        {
            _wait.SetException(error);
        }
        else
        {
            _wait.SetResult(Count > 0);
        }
    }

    bool IValueTaskSource<bool>.GetResult(short token)
    {
        _cancellation.Dispose();
        return _wait.GetResult(token);
    }

    ValueTaskSourceStatus IValueTaskSource<bool>.GetStatus(short token) => _wait.GetStatus(token);

    void IValueTaskSource<bool>.OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _wait.OnCompleted(continuation, state, token, flags);

    private void CancelWait(CancellationToken token)
    {
        lock (_lock)
        {
            if (_waiting)
            {
                _cancelledBy = token;
                Wake();
            }
        }
    }

    private void Wake()
    {
        if (_waiting)
        {
            _waiting = false;
            ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
        }
    }

    private void EndWhenDrained()
    {
        if (_completed && _count == 0)
        {
            _ = _error is null ? _drained.TrySetResult() : _drained.TrySetException(_error);
        }
    }

    private void Grow()
    {
        var larger = new EngineOutput[_ring.Length * 2];
        for (var i = 0; i < _count; i++)
        {
            larger[i] = _ring[(_first + i) % _ring.Length];
        }

        (_ring, _first) = (larger, 0);
    }
}
