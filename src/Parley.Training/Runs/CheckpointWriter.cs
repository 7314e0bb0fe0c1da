using Parley.Training.Telemetry;

namespace Parley.Training.Runs;

/// <summary>
/// Writes checkpoints behind the run's back: a step waits only until weights and moments are copied; another thread hashes, writes, fsyncs and
/// renames them. At most one is on its way: who comes too early waits for it. What went wrong there is thrown at the next call.
/// </summary>
public sealed class CheckpointWriter(CheckpointStore store, Trainer trainer, TimeProvider time) : IDisposable
{
    private readonly CheckpointSnapshot _snapshot = new(trainer);
    private Task _writing = Task.CompletedTask;
    private TimeSpan _written;

    /// <summary>Checkpoints begun.</summary>
    public int Count { get; private set; }

    /// <summary>How long steps have waited for copies, and for earlier checkpoints that were not written yet.</summary>
    public TimeSpan Stalled { get; private set; }

    /// <summary>How long writing has taken, beside the steps.</summary>
    public TimeSpan Written => _written;

    /// <summary>Copies a state and begins to write it; returns how long that kept the run waiting.</summary>
    /// <exception cref="IOException">An earlier checkpoint could not be written; says why.</exception>
    public TimeSpan Begin(TrainingState state)
    {
        var started = time.GetTimestamp();
        Complete();
        _snapshot.Take();
        Count++;

        // Not on a thread of its own: starting one waits until it runs, which on a crowded machine may take longer than the copy.
        _writing = Task.Run(() => Write(state));
        var stalled = time.GetElapsedTime(started);
        Stalled += stalled;
        return stalled;
    }

    /// <summary>Waits until everything begun lies on the disk.</summary>
    /// <exception cref="IOException">It could not be written; says why.</exception>
    public void Complete()
    {
        var writing = _writing;
        _writing = Task.CompletedTask;
        writing.GetAwaiter().GetResult();
    }

    public void Dispose()
    {
        Task.WaitAny(_writing); // whether it went well was to be asked before
        _snapshot.Dispose();
    }

    private void Write(TrainingState state)
    {
        var started = time.GetTimestamp();
        using var span = TrainingSpans.Writing(state.Step);
        try
        {
            store.Save(state, _snapshot.Model, _snapshot.State);
        }
        catch (Exception error)
        {
            span.Fail(error);
            throw;
        }
        finally
        {
            _written += time.GetElapsedTime(started);
        }
    }
}
