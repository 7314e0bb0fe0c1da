namespace Parley.Training.Batches;

/// <summary>
/// Reads the next micro-batches while the current one is computed with, on one other thread and in order. As each is a pure function of (step, shard), what
/// was read ahead is what would have been read; after a jump to another step, or when the other thread has not come to it, it is read where it is asked for.
/// </summary>
public sealed class PrefetchingSource : IBatchSource, IDisposable
{
    private readonly IBatchSource _source;
    private readonly int _depth;
    private readonly Lock _lock = new();
    private readonly Lock _reading = new();
    private readonly Dictionary<long, Lazy<Batch>> _ahead = [];
    private Task _last = Task.CompletedTask;
    private bool _disposed;

    /// <param name="source">Read from two threads at a time.</param>
    /// <param name="steps">Steps that are read ahead; 0 reads when asked.</param>
    public PrefetchingSource(IBatchSource source, int steps = 2) => (_source, _depth) = (source, steps * source.Shards);

    public int Shards => _source.Shards;

    /// <summary>The micro-batch, read already or read now.</summary>
    public Batch Read(long step, int shard)
    {
        var number = (step * Shards) + shard;
        Lazy<Batch> wanted;
        lock (_lock)
        {
            foreach (var passed in _ahead.Keys.Where(key => key < number || key > number + _depth).ToArray()) _ahead.Remove(passed);
            wanted = _ahead.Remove(number, out var ready) ? ready : Reading(number);
            for (var next = number + 1; next <= number + _depth; next++)
            {
                if (_ahead.TryAdd(next, Reading(next))) Queue(next);
            }
        }

        return wanted.Value;
    }

    public string Describe(long step, int shard) => _source.Describe(step, shard);

    /// <summary>Waits for what is being read, so that the data can be closed.</summary>
    public void Dispose()
    {
        Volatile.Write(ref _disposed, true);
        lock (_reading)
        {
        }
    }

    // Whoever comes first reads; the other one waits for it.
    private Lazy<Batch> Reading(long number) => new(() => _source.Read(number / Shards, (int)(number % Shards)));

    private void Queue(long number) => _last = _last.ContinueWith(_ => ReadAhead(number), CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);

    private void ReadAhead(long number)
    {
        Lazy<Batch>? reading;
        lock (_lock) reading = _ahead.GetValueOrDefault(number); // gone when it was asked for already, or passed over
        lock (_reading)
        {
            try
            {
                if (!Volatile.Read(ref _disposed)) _ = reading?.Value;
            }
            catch (Exception)
            {
                // The Lazy keeps it for whoever asks for this micro-batch; nobody may.
            }
        }
    }
}
