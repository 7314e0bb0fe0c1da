using System.Threading.Channels;

namespace Parley.Storage;

/// <summary>
/// One task that commits what many callers queued, in groups of at most 64 kB or what gathers within 20 ms. Knows nothing of the database:
/// <paramref name="commit"/> makes a group durable, or throws and nothing of it is.
/// </summary>
internal sealed class GroupWriter : IAsyncDisposable
{
    /// <summary>A group closes when it holds this many bytes.</summary>
    public const int MaxGroupBytes = 64 * 1024;

    private readonly Channel<PendingWrite> _queue = Channel.CreateUnbounded<PendingWrite>(new UnboundedChannelOptions { SingleReader = true });
    private readonly Action<IReadOnlyList<PendingWrite>> _commit;
    private readonly TimeProvider _time;
    private readonly CommitPace _pace;
    private readonly Task _loop;
    private long _groups;

    public GroupWriter(Action<IReadOnlyList<PendingWrite>> commit, TimeProvider time)
    {
        (_commit, _time, _pace) = (commit, time, new CommitPace(time));
        _loop = Task.Run(LoopAsync);
    }

    /// <summary>Groups committed or failed so far.</summary>
    public long Groups => Interlocked.Read(ref _groups);

    /// <exception cref="ObjectDisposedException">The writer has ended.</exception>
    public Task WriteAsync(PendingWrite write, CancellationToken cancellationToken)
    {
        ObjectDisposedException.ThrowIf(!_queue.Writer.TryWrite(write), this);

        // Cancelling stops the wait, not the write: what is queued becomes durable.
        return cancellationToken.CanBeCanceled ? write.Durable.WaitAsync(cancellationToken) : write.Durable;
    }

    /// <summary>Commits what is queued, then ends.</summary>
    public async ValueTask DisposeAsync()
    {
        _queue.Writer.TryComplete();
        await _loop;
    }

    private async Task LoopAsync()
    {
        var group = new List<PendingWrite>();
        while (await _queue.Reader.WaitToReadAsync())
        {
            await GatherAsync(group, _pace.Delay());
            Commit(group);
            group.Clear();
            _pace.Committed();
        }
    }

    private async Task GatherAsync(List<PendingWrite> group, TimeSpan window)
    {
        using var closing = window > TimeSpan.Zero ? new CancellationTokenSource(window, _time) : null;
        var bytes = 0;
        while (true)
        {
            while (bytes < MaxGroupBytes && _queue.Reader.TryRead(out var write))
            {
                group.Add(write);
                bytes += write.Bytes;
            }

            if (closing is null || bytes >= MaxGroupBytes)
            {
                return;
            }

            var more = _queue.Reader.WaitToReadAsync(closing.Token).AsTask();
            await ((Task)more).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (!more.IsCompletedSuccessfully || !await more)
            {
                return;
            }
        }
    }

    private void Commit(List<PendingWrite> group)
    {
        Exception? failure = null;
        try
        {
            _commit(group);
        }
        catch (Exception error)
        {
            // The group's callers are told; the next group may fare better (space was freed, the lock was let go).
            failure = error;
        }

        Interlocked.Increment(ref _groups);
        foreach (var write in group)
        {
            write.Complete(failure);
        }
    }
}
