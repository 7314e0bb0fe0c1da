using System.Collections.Concurrent;

namespace Parley.Storage;

/// <summary>
/// Wakes the followers of a generation when something of it was committed. A follower asks for the next signal before it reads, so a commit
/// between its read and its wait is never missed.
/// </summary>
internal sealed class CommitSignal
{
    private readonly ConcurrentDictionary<Guid, TaskCompletionSource> _waiting = new();

    /// <summary>Completes at the next commit of this generation after this call.</summary>
    public Task Next(Guid generation) =>
        _waiting.GetOrAdd(generation, _ => new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)).Task;

    public void Raise(Guid generation)
    {
        if (_waiting.TryRemove(generation, out var waiting))
        {
            waiting.TrySetResult();
        }
    }
}
