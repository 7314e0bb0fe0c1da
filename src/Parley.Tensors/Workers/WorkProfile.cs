using System.Diagnostics;

namespace Parley.Tensors;

/// <summary>Where the time of a worker pool's dispatches goes, by the kind of work. For benches: it influences nothing, and allocates only for a kind's first.</summary>
public sealed class WorkProfile
{
    private readonly Dictionary<Type, (long Ticks, long Calls)> _kinds = [];

    /// <summary>All kinds of work so far, the longest first.</summary>
    public IReadOnlyList<(string Work, TimeSpan Time, long Calls)> Kinds =>
        [.. from kind in _kinds orderby kind.Value.Ticks descending select (Name(kind.Key), Stopwatch.GetElapsedTime(0, kind.Value.Ticks), kind.Value.Calls)];

    public void Clear() => _kinds.Clear();

    internal void Add(Type work, long started)
    {
        (long ticks, long calls) = _kinds.GetValueOrDefault(work);
        _kinds[work] = (ticks + Stopwatch.GetTimestamp() - started, calls + 1);
    }

    /// <summary>A wrapper is named by what it wraps: the kernel in a chunk.</summary>
    private static string Name(Type work) =>
        work.IsGenericType && work.GetGenericArguments()[0] is { } inner && (typeof(IWork).IsAssignableFrom(inner) || typeof(Kernels.IKernel).IsAssignableFrom(inner))
            ? Name(inner)
            : work.Name.Split('`')[0];
}
