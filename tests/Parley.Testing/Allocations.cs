namespace Parley.Testing;

/// <summary>What the calling thread allocates on the managed heap.</summary>
public static class Allocations
{
    /// <summary>
    /// Bytes of the quieter of two windows. The runtime itself now and then allocates some kilobytes once on a thread that does nothing of the kind,
    /// seen with hundreds of tests side by side; what the steps take is in both windows.
    /// </summary>
    /// <param name="steps">How often the step runs in a window.</param>
    /// <param name="step">What must not allocate; should have run before.</param>
    public static long Least(int steps, Action step)
    {
        var least = long.MaxValue;
        for (var window = 0; window < 2; window++)
        {
            var before = GC.GetAllocatedBytesForCurrentThread();
            for (var i = 0; i < steps; i++) step();
            least = Math.Min(least, GC.GetAllocatedBytesForCurrentThread() - before);
        }

        return least;
    }
}
