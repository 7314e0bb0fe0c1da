using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics.X86;

namespace Parley.Tensors.Kernels;

/// <summary>
/// The innermost loops of every matrix product: a few rows by a few groups of 16 columns, accumulators in registers. Each
/// element is one chain of fused multiply-adds over the depth, whatever the tile, so the shape of the tile never shows in
/// the result. Wide tiles, for 32 vector registers of 16 floats.
/// </summary>
internal static unsafe class WideTiles<TLanes>
    where TLanes : struct, ILanes<TLanes>
{
    public const int Groups = 3;

    /// <summary>Runs the smallest tile that covers <paramref name="rows"/> (1 to 8) rows.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Run(in RegisterTile tile, int rows)
    {
        switch (rows)
        {
            case 1: Rows1Groups3(tile); break;
            case 2: Rows2Groups3(tile); break;
            case 3 or 4: Rows4Groups3(tile); break;
            default: Rows8Groups3(tile); break;
        }
    }

    /// <summary>1 row by 48 columns.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    private static void Rows1Groups3(in RegisterTile tile)
    {
        float* a = tile.A, end = tile.A + tile.Depth * tile.Step;
        float* b0 = tile.B0, b1 = tile.B1, b2 = tile.B2, c = tile.Target;
        long step = tile.Step, stride = tile.Stride;
        TLanes c00 = TLanes.Zero, c01 = TLanes.Zero, c02 = TLanes.Zero;
        if (tile.Resume)
        {
            (c00, c01, c02) = (TLanes.Load(c), TLanes.Load(c + 16), TLanes.Load(c + 32));
        }

        for (; a < end; a += step)
        {
            TLanes v0 = TLanes.Load(b0), v1 = TLanes.Load(b1), v2 = TLanes.Load(b2);
            TLanes x = TLanes.Broadcast(a[0]);
            c00 = TLanes.FusedMultiplyAdd(x, v0, c00);
            c01 = TLanes.FusedMultiplyAdd(x, v1, c01);
            c02 = TLanes.FusedMultiplyAdd(x, v2, c02);
            b0 += 16;
            b1 += 16;
            b2 += 16;
        }

        Store(c, c00, c01, c02);
    }

    /// <summary>2 rows by 48 columns.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    private static void Rows2Groups3(in RegisterTile tile)
    {
        float* a = tile.A, end = tile.A + tile.Depth * tile.Step;
        float* b0 = tile.B0, b1 = tile.B1, b2 = tile.B2, c = tile.Target;
        long step = tile.Step, stride = tile.Stride;
        TLanes c00 = TLanes.Zero, c01 = TLanes.Zero, c02 = TLanes.Zero;
        TLanes c10 = TLanes.Zero, c11 = TLanes.Zero, c12 = TLanes.Zero;
        if (tile.Resume)
        {
            (c00, c01, c02) = (TLanes.Load(c), TLanes.Load(c + 16), TLanes.Load(c + 32));
            (c10, c11, c12) = (TLanes.Load(c + stride), TLanes.Load(c + stride + 16), TLanes.Load(c + stride + 32));
        }

        for (; a < end; a += step)
        {
            TLanes v0 = TLanes.Load(b0), v1 = TLanes.Load(b1), v2 = TLanes.Load(b2);
            TLanes x = TLanes.Broadcast(a[0]);
            c00 = TLanes.FusedMultiplyAdd(x, v0, c00);
            c01 = TLanes.FusedMultiplyAdd(x, v1, c01);
            c02 = TLanes.FusedMultiplyAdd(x, v2, c02);
            x = TLanes.Broadcast(a[1]);
            c10 = TLanes.FusedMultiplyAdd(x, v0, c10);
            c11 = TLanes.FusedMultiplyAdd(x, v1, c11);
            c12 = TLanes.FusedMultiplyAdd(x, v2, c12);
            b0 += 16;
            b1 += 16;
            b2 += 16;
        }

        Store(c, c00, c01, c02);
        Store(c + stride, c10, c11, c12);
    }

    /// <summary>4 rows by 48 columns.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    private static void Rows4Groups3(in RegisterTile tile)
    {
        float* a = tile.A, end = tile.A + tile.Depth * tile.Step;
        float* b0 = tile.B0, b1 = tile.B1, b2 = tile.B2, c = tile.Target;
        long step = tile.Step, stride = tile.Stride;
        TLanes c00 = TLanes.Zero, c01 = TLanes.Zero, c02 = TLanes.Zero;
        TLanes c10 = TLanes.Zero, c11 = TLanes.Zero, c12 = TLanes.Zero;
        TLanes c20 = TLanes.Zero, c21 = TLanes.Zero, c22 = TLanes.Zero;
        TLanes c30 = TLanes.Zero, c31 = TLanes.Zero, c32 = TLanes.Zero;
        if (tile.Resume)
        {
            (c00, c01, c02) = (TLanes.Load(c), TLanes.Load(c + 16), TLanes.Load(c + 32));
            (c10, c11, c12) = (TLanes.Load(c + stride), TLanes.Load(c + stride + 16), TLanes.Load(c + stride + 32));
            (c20, c21, c22) = (TLanes.Load(c + 2 * stride), TLanes.Load(c + 2 * stride + 16), TLanes.Load(c + 2 * stride + 32));
            (c30, c31, c32) = (TLanes.Load(c + 3 * stride), TLanes.Load(c + 3 * stride + 16), TLanes.Load(c + 3 * stride + 32));
        }

        for (; a < end; a += step)
        {
            TLanes v0 = TLanes.Load(b0), v1 = TLanes.Load(b1), v2 = TLanes.Load(b2);
            TLanes x = TLanes.Broadcast(a[0]);
            c00 = TLanes.FusedMultiplyAdd(x, v0, c00);
            c01 = TLanes.FusedMultiplyAdd(x, v1, c01);
            c02 = TLanes.FusedMultiplyAdd(x, v2, c02);
            x = TLanes.Broadcast(a[1]);
            c10 = TLanes.FusedMultiplyAdd(x, v0, c10);
            c11 = TLanes.FusedMultiplyAdd(x, v1, c11);
            c12 = TLanes.FusedMultiplyAdd(x, v2, c12);
            x = TLanes.Broadcast(a[2]);
            c20 = TLanes.FusedMultiplyAdd(x, v0, c20);
            c21 = TLanes.FusedMultiplyAdd(x, v1, c21);
            c22 = TLanes.FusedMultiplyAdd(x, v2, c22);
            x = TLanes.Broadcast(a[3]);
            c30 = TLanes.FusedMultiplyAdd(x, v0, c30);
            c31 = TLanes.FusedMultiplyAdd(x, v1, c31);
            c32 = TLanes.FusedMultiplyAdd(x, v2, c32);
            b0 += 16;
            b1 += 16;
            b2 += 16;
        }

        Store(c, c00, c01, c02);
        Store(c + stride, c10, c11, c12);
        Store(c + 2 * stride, c20, c21, c22);
        Store(c + 3 * stride, c30, c31, c32);
    }

    /// <summary>8 rows by 48 columns; the rows may be packed, or lie in a matrix far apart.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    private static void Rows8Groups3(in RegisterTile tile)
    {
        float* b0 = tile.B0, b1 = tile.B1, b2 = tile.B2, c = tile.Target;
        byte* ahead = tile.Ahead;
        long stride = tile.Stride, aheadStep = tile.AheadStep;
        TLanes c00 = TLanes.Zero, c01 = TLanes.Zero, c02 = TLanes.Zero;
        TLanes c10 = TLanes.Zero, c11 = TLanes.Zero, c12 = TLanes.Zero;
        TLanes c20 = TLanes.Zero, c21 = TLanes.Zero, c22 = TLanes.Zero;
        TLanes c30 = TLanes.Zero, c31 = TLanes.Zero, c32 = TLanes.Zero;
        TLanes c40 = TLanes.Zero, c41 = TLanes.Zero, c42 = TLanes.Zero;
        TLanes c50 = TLanes.Zero, c51 = TLanes.Zero, c52 = TLanes.Zero;
        TLanes c60 = TLanes.Zero, c61 = TLanes.Zero, c62 = TLanes.Zero;
        TLanes c70 = TLanes.Zero, c71 = TLanes.Zero, c72 = TLanes.Zero;
        if (tile.Resume)
        {
            (c00, c01, c02) = (TLanes.Load(c), TLanes.Load(c + 16), TLanes.Load(c + 32));
            (c10, c11, c12) = (TLanes.Load(c + stride), TLanes.Load(c + stride + 16), TLanes.Load(c + stride + 32));
            (c20, c21, c22) = (TLanes.Load(c + 2 * stride), TLanes.Load(c + 2 * stride + 16), TLanes.Load(c + 2 * stride + 32));
            (c30, c31, c32) = (TLanes.Load(c + 3 * stride), TLanes.Load(c + 3 * stride + 16), TLanes.Load(c + 3 * stride + 32));
            (c40, c41, c42) = (TLanes.Load(c + 4 * stride), TLanes.Load(c + 4 * stride + 16), TLanes.Load(c + 4 * stride + 32));
            (c50, c51, c52) = (TLanes.Load(c + 5 * stride), TLanes.Load(c + 5 * stride + 16), TLanes.Load(c + 5 * stride + 32));
            (c60, c61, c62) = (TLanes.Load(c + 6 * stride), TLanes.Load(c + 6 * stride + 16), TLanes.Load(c + 6 * stride + 32));
            (c70, c71, c72) = (TLanes.Load(c + 7 * stride), TLanes.Load(c + 7 * stride + 16), TLanes.Load(c + 7 * stride + 32));
        }

        // Three pointers and two strides reach all eight rows without a register each.
        long one = tile.Row, two = 2 * one, step = tile.Step;
        float* a0 = tile.A, a3 = a0 + 3 * one, a6 = a0 + 6 * one;
        for (float* end = a0 + tile.Depth * step; a0 < end; a0 += step, a3 += step, a6 += step)
        {
            ahead = AskAhead(ahead, aheadStep);
            TLanes v0 = TLanes.Load(b0), v1 = TLanes.Load(b1), v2 = TLanes.Load(b2);
            TLanes x = TLanes.Broadcast(a0[0]);
            c00 = TLanes.FusedMultiplyAdd(x, v0, c00);
            c01 = TLanes.FusedMultiplyAdd(x, v1, c01);
            c02 = TLanes.FusedMultiplyAdd(x, v2, c02);
            x = TLanes.Broadcast(a0[one]);
            c10 = TLanes.FusedMultiplyAdd(x, v0, c10);
            c11 = TLanes.FusedMultiplyAdd(x, v1, c11);
            c12 = TLanes.FusedMultiplyAdd(x, v2, c12);
            x = TLanes.Broadcast(a0[two]);
            c20 = TLanes.FusedMultiplyAdd(x, v0, c20);
            c21 = TLanes.FusedMultiplyAdd(x, v1, c21);
            c22 = TLanes.FusedMultiplyAdd(x, v2, c22);
            x = TLanes.Broadcast(a3[0]);
            c30 = TLanes.FusedMultiplyAdd(x, v0, c30);
            c31 = TLanes.FusedMultiplyAdd(x, v1, c31);
            c32 = TLanes.FusedMultiplyAdd(x, v2, c32);
            x = TLanes.Broadcast(a3[one]);
            c40 = TLanes.FusedMultiplyAdd(x, v0, c40);
            c41 = TLanes.FusedMultiplyAdd(x, v1, c41);
            c42 = TLanes.FusedMultiplyAdd(x, v2, c42);
            x = TLanes.Broadcast(a3[two]);
            c50 = TLanes.FusedMultiplyAdd(x, v0, c50);
            c51 = TLanes.FusedMultiplyAdd(x, v1, c51);
            c52 = TLanes.FusedMultiplyAdd(x, v2, c52);
            x = TLanes.Broadcast(a6[0]);
            c60 = TLanes.FusedMultiplyAdd(x, v0, c60);
            c61 = TLanes.FusedMultiplyAdd(x, v1, c61);
            c62 = TLanes.FusedMultiplyAdd(x, v2, c62);
            x = TLanes.Broadcast(a6[one]);
            c70 = TLanes.FusedMultiplyAdd(x, v0, c70);
            c71 = TLanes.FusedMultiplyAdd(x, v1, c71);
            c72 = TLanes.FusedMultiplyAdd(x, v2, c72);
            b0 += 16;
            b1 += 16;
            b2 += 16;
        }

        Store(c, c00, c01, c02);
        Store(c + stride, c10, c11, c12);
        Store(c + 2 * stride, c20, c21, c22);
        Store(c + 3 * stride, c30, c31, c32);
        Store(c + 4 * stride, c40, c41, c42);
        Store(c + 5 * stride, c50, c51, c52);
        Store(c + 6 * stride, c60, c61, c62);
        Store(c + 7 * stride, c70, c71, c72);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static byte* AskAhead(byte* ahead, long step)
    {
        if (Sse.IsSupported)
        {
            Sse.Prefetch1(ahead);
        }

        return ahead + step;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Store(float* target, TLanes first, TLanes second, TLanes third)
    {
        first.Store(target);
        second.Store(target + 16);
        third.Store(target + 32);
    }
}
