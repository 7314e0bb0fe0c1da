namespace Parley.Training.Batches;

/// <summary>
/// Reads the next micro-batches while the current one is computed with, on one other thread and in order. As each is a pure function of (step, shard), what
/// was read ahead is what would have been read; a jump to another step only makes the next reading wait.
/// </summary>
public sealed class PrefetchingSource : IBatchSource, IDisposable
{
    private readonly IBatchSource _source;
    private readonly int _depth;
    private readonly Lock _lock = new();
    private readonly Dictionary<long, Task<Batch>> _ahead = [];
    private Task _last = Task.CompletedTask;

    /// <param name="source">Read from one thread at a time.</param>
    /// <param name="steps">Steps that are read ahead; 0 reads when asked.</param>
    public PrefetchingSource(IBatchSource source, int steps = 2) => (_source, _depth) = (source, steps * source.Shards);

    public int Shards => _source.Shards;

    /// <summary>The micro-batch, read already or read now.</summary>
    public Batch Read(long step, int shard)
    {
        var number = (step * Shards) + shard;
        Task<Batch> wanted;
        lock (_lock)
        {
            foreach (var passed in _ahead.Keys.Where(key => key < number || key > number + _depth).ToArray()) _ahead.Remove(passed);
            wanted = _ahead.Remove(number, out var ready) ? ready : Start(number);
            for (var next = number + 1; next <= number + _depth; next++)
            {
                if (!_ahead.ContainsKey(next)) _ahead.Add(next, Start(next));
            }
        }

        return wanted.GetAwaiter().GetResult();
    }

    public string Describe(long step, int shard) => _source.Describe(step, shard);

    /// <summary>Waits for what is being read, so that the data can be closed.</summary>
    public void Dispose()
    {
        Task last;
        lock (_lock)
        {
            _ahead.Clear();
            last = _last;
        }

        Task.WhenAny(last).GetAwaiter().GetResult(); // a failed reading nobody asked for fails nobody
    }

    private Task<Batch> Start(long number)
    {
        var (step, shard) = (number / Shards, (int)(number % Shards));
        var task = _last.ContinueWith(_ => _source.Read(step, shard), CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
        _last = task;
        return task;
    }
}
