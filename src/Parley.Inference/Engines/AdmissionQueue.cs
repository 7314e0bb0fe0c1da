namespace Parley.Inference;

/// <summary>
/// The bounded queue in front of the engine as numbers: how many sequences wait for their first step, whether more may, and how long the line
/// will take at the pace of the last admissions. It holds no sequence. Any thread.
/// </summary>
internal sealed class AdmissionQueue(int capacity, TimeProvider time)
{
    private const int Remembered = 32;
    private static readonly TimeSpan Shortest = TimeSpan.FromSeconds(1), Longest = TimeSpan.FromMinutes(2);

    private readonly Lock _lock = new();
    private readonly long[] _admissions = new long[Remembered];
    private long _admitted;
    private long _lineSince;
    private int _waiting;

    public int Waiting => Volatile.Read(ref _waiting);

    /// <summary>When the line that is there now will have been served: 1 second to 2 minutes.</summary>
    public TimeSpan RetryAfter
    {
        get
        {
            lock (_lock)
            {
                var counted = Math.Min(_admitted, Remembered);
                var since = _admitted <= Remembered ? _lineSince : _admissions[_admitted % Remembered];
                var estimate = counted == 0 ? Shortest : time.GetElapsedTime(since) / counted * _waiting;
                return estimate < Shortest ? Shortest : estimate > Longest ? Longest : estimate;
            }
        }
    }

    /// <summary>Takes places, all or none.</summary>
    /// <param name="count">How many.</param>
    /// <param name="always">They cannot be refused any more.</param>
    public bool TryEnter(int count, bool always = false)
    {
        lock (_lock)
        {
            if (!always && _waiting + count > capacity)
            {
                return false;
            }

            if (_waiting == 0)
            {
                // The pace of a line that has dissolved says nothing about the next one.
                (_admitted, _lineSince) = (0, time.GetTimestamp());
            }

            _waiting += count;
            return true;
        }
    }

    /// <summary>One had its first step, or left before.</summary>
    public void Leave()
    {
        lock (_lock)
        {
            _admissions[_admitted++ % Remembered] = time.GetTimestamp();
            _waiting--;
        }
    }
}
