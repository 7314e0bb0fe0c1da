using System.Diagnostics;
using System.Runtime.CompilerServices;
using Parley.Tensors.Kernels;

namespace Parley.Tensors.Measurements;

/// <summary>
/// What the machine's fp32 fused multiply-add units give at most: a loop that touches no memory, on every worker of a context,
/// in the context's vector width. The yardstick of <see cref="MatMulBench"/>.
/// </summary>
public static class FmaPeak
{
    private const int Iterations = 50_000;
    private const int ChunksPerWorker = 16;

    /// <summary>One round of a few milliseconds; GFLOP/s, a fused multiply-add counted as two.</summary>
    public static double Measure(ComputeContext context)
    {
        int chunks = context.Workers.Threads * ChunksPerWorker;
        long start = Stopwatch.GetTimestamp();
        switch (context.Lanes)
        {
            case KernelSet.Vector512: context.Workers.Run(new Work<Lanes512>(), chunks); break;
            case KernelSet.Vector256: context.Workers.Run(new Work<Lanes256>(), chunks); break;
            case KernelSet.Vector128: context.Workers.Run(new Work<Lanes128>(), chunks); break;
            default: context.Workers.Run(new Work<LanesScalar>(), chunks); break;
        }

        double seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
        int accumulators = context.Lanes == KernelSet.Vector512 ? 12 : 4;
        return 2.0 * 16 * accumulators * Iterations * chunks / seconds / 1e9;
    }

    private readonly struct Work<TLanes> : IWork
        where TLanes : struct, ILanes<TLanes>
    {
        public unsafe void Execute(int chunk)
        {
            float* sink = stackalloc float[16];
            (typeof(TLanes) == typeof(Lanes512) ? Twelve(chunk) : Four(chunk)).Store(sink);
        }

        // Twelve independent chains hide the latency of two units; the factors keep the values finite.
        [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
        private static TLanes Twelve(int seed)
        {
            TLanes a = TLanes.Broadcast(0.5f), b = TLanes.Broadcast(seed);
            TLanes c0 = b, c1 = b, c2 = b, c3 = b, c4 = b, c5 = b, c6 = b, c7 = b, c8 = b, c9 = b, c10 = b, c11 = b;
            for (int i = 0; i < Iterations; i++)
            {
                c0 = TLanes.FusedMultiplyAdd(c0, a, b);
                c1 = TLanes.FusedMultiplyAdd(c1, a, b);
                c2 = TLanes.FusedMultiplyAdd(c2, a, b);
                c3 = TLanes.FusedMultiplyAdd(c3, a, b);
                c4 = TLanes.FusedMultiplyAdd(c4, a, b);
                c5 = TLanes.FusedMultiplyAdd(c5, a, b);
                c6 = TLanes.FusedMultiplyAdd(c6, a, b);
                c7 = TLanes.FusedMultiplyAdd(c7, a, b);
                c8 = TLanes.FusedMultiplyAdd(c8, a, b);
                c9 = TLanes.FusedMultiplyAdd(c9, a, b);
                c10 = TLanes.FusedMultiplyAdd(c10, a, b);
                c11 = TLanes.FusedMultiplyAdd(c11, a, b);
            }

            return c0 + c1 + c2 + c3 + c4 + c5 + c6 + c7 + c8 + c9 + c10 + c11;
        }

        [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
        private static TLanes Four(int seed)
        {
            TLanes a = TLanes.Broadcast(0.5f), b = TLanes.Broadcast(seed);
            TLanes c0 = b, c1 = b, c2 = b, c3 = b;
            for (int i = 0; i < Iterations; i++)
            {
                c0 = TLanes.FusedMultiplyAdd(c0, a, b);
                c1 = TLanes.FusedMultiplyAdd(c1, a, b);
                c2 = TLanes.FusedMultiplyAdd(c2, a, b);
                c3 = TLanes.FusedMultiplyAdd(c3, a, b);
            }

            return c0 + c1 + c2 + c3;
        }
    }
}
