using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Parley.Tensors.Measurements;

/// <summary>
/// How fast a context's workers read memory that no cache holds: 512 MB on huge pages where the system gives them, in the large chunks in
/// which weights are read. The limit of decoding one sequence. Keep one object for several rounds: filling its pages takes longer than a round.
/// </summary>
public sealed unsafe class ReadBandwidth : IDisposable
{
    public const long DefaultBytes = 512L << 20;

    private const long ChunkBytes = 256 << 10;

    private readonly NativePages _pages;

    /// <param name="bytes">What one round reads; rounded down to chunks of 256 kB, at least one.</param>
    public ReadBandwidth(long bytes = DefaultBytes)
    {
        _pages = NativePages.Allocate(Math.Max(1, bytes / ChunkBytes) * ChunkBytes, zeroed: false);
        new Span<long>(_pages.Pointer, checked((int)(_pages.ByteCount / sizeof(long)))).Fill(1);
    }

    /// <summary>One round; GB/s.</summary>
    /// <exception cref="ObjectDisposedException">The memory was given back.</exception>
    public double Measure(ComputeContext context)
    {
        int chunks = (int)(_pages.ByteCount / ChunkBytes);
        Work work = new(_pages.Pointer);
        long start = Stopwatch.GetTimestamp();
        context.Workers.Run(work, chunks);
        return _pages.ByteCount / Stopwatch.GetElapsedTime(start).TotalSeconds / 1e9;
    }

    public void Dispose() => _pages.Release();

    private readonly struct Work(byte* pointer) : IWork
    {
        private readonly byte* _pointer = pointer;

        // The sum is compared with what was written: reads whose value nobody wants could be left out.
        public void Execute(int chunk)
        {
            if (Sum(_pointer + chunk * ChunkBytes) != ChunkBytes / sizeof(long))
            {
                throw new InvalidOperationException("Memory does not hold what was written to it.");
            }
        }

        [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
        private static long Sum(byte* from)
        {
            Vector512<long> a = default, b = default, c = default, d = default;
            for (byte* end = from + ChunkBytes; from < end; from += 256)
            {
                a += Vector512.Load((long*)from);
                b += Vector512.Load((long*)(from + 64));
                c += Vector512.Load((long*)(from + 128));
                d += Vector512.Load((long*)(from + 192));
            }

            return Vector512.Sum(a + b + c + d);
        }
    }
}
