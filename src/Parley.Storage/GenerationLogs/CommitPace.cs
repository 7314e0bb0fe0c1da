namespace Parley.Storage;

/// <summary>
/// How long the writer may gather before its next commit. A few commits in a row go at once, so that a single answer never waits; when many
/// answers run, at most <see cref="Burst"/> commits fall into one <see cref="Window"/>, and no event waits longer than that.
/// </summary>
internal sealed class CommitPace(TimeProvider time)
{
    public const int Burst = 8;

    public static readonly TimeSpan Window = TimeSpan.FromMilliseconds(20);

    private readonly long[] _commits = new long[Burst];
    private long _count;

    public TimeSpan Delay()
    {
        if (_count < Burst)
        {
            return TimeSpan.Zero;
        }

        var sinceOldest = time.GetElapsedTime(_commits[_count % Burst]);
        return sinceOldest < Window ? Window - sinceOldest : TimeSpan.Zero;
    }

    public void Committed() => _commits[_count++ % Burst] = time.GetTimestamp();
}
