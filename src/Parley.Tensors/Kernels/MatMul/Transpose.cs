using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Parley.Tensors.Kernels;

/// <summary>Transposes blocks of 8 x 8 floats; a pure movement of bits, so its width is nobody's business.</summary>
internal static unsafe class Transpose
{
    /// <summary>to[k * toStride + r] = from[r * fromStride + k] for r and k below 8.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    public static void Block8(float* from, long fromStride, float* to, long toStride)
    {
        if (!Avx.IsSupported)
        {
            for (int r = 0; r < 8; r++)
            {
                for (int k = 0; k < 8; k++)
                {
                    to[k * toStride + r] = from[r * fromStride + k];
                }
            }

            return;
        }

        Half4(from, fromStride, to, toStride);
        Half4(from + 4, fromStride, to + 4 * toStride, toStride);
    }

    // Four columns of eight rows: rows r and r + 4 share a vector, then two rounds of interleaving.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Half4(float* from, long stride, float* to, long toStride)
    {
        Vector256<float> r0 = Vector256.Create(Vector128.Load(from), Vector128.Load(from + 4 * stride));
        Vector256<float> r1 = Vector256.Create(Vector128.Load(from + stride), Vector128.Load(from + 5 * stride));
        Vector256<float> r2 = Vector256.Create(Vector128.Load(from + 2 * stride), Vector128.Load(from + 6 * stride));
        Vector256<float> r3 = Vector256.Create(Vector128.Load(from + 3 * stride), Vector128.Load(from + 7 * stride));
        Vector256<double> low01 = Avx.UnpackLow(r0, r1).AsDouble();
        Vector256<double> high01 = Avx.UnpackHigh(r0, r1).AsDouble();
        Vector256<double> low23 = Avx.UnpackLow(r2, r3).AsDouble();
        Vector256<double> high23 = Avx.UnpackHigh(r2, r3).AsDouble();
        Avx.UnpackLow(low01, low23).AsSingle().Store(to);
        Avx.UnpackHigh(low01, low23).AsSingle().Store(to + toStride);
        Avx.UnpackLow(high01, high23).AsSingle().Store(to + 2 * toStride);
        Avx.UnpackHigh(high01, high23).AsSingle().Store(to + 3 * toStride);
    }
}
