using System.Runtime.CompilerServices;

namespace Parley.Tensors.Kernels;

/// <summary>
/// The innermost loops of every matrix product: a few rows by a few groups of 16 columns, accumulators in registers. Each
/// element is one chain of fused multiply-adds over the depth, whatever the tile, so the shape of the tile never shows in
/// the result. Narrow tiles, for 16 vector registers.
/// </summary>
internal static unsafe class NarrowTiles<TLanes>
    where TLanes : struct, ILanes<TLanes>
{
    public const int Groups = 1;

    /// <summary>Covers <paramref name="rows"/> (1 to 8) rows by tiles of 1, 2 or 4.</summary>
    public static void Run(in RegisterTile tile, int rows)
    {
        if (rows > 4)
        {
            Rows4Groups1(tile);
            RegisterTile rest = tile with { A = tile.A + 4, Target = tile.Target + 4 * tile.Stride };
            Run(rest, rows - 4);
            return;
        }

        switch (rows)
        {
            case 1: Rows1Groups1(tile); break;
            case 2: Rows2Groups1(tile); break;
            default: Rows4Groups1(tile); break;
        }
    }

    /// <summary>1 row by 16 columns.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    private static void Rows1Groups1(in RegisterTile tile)
    {
        float* a = tile.A, end = tile.A + tile.Depth * tile.Step;
        float* b0 = tile.B0, c = tile.Target;
        long step = tile.Step, stride = tile.Stride;
        TLanes c00 = TLanes.Zero;
        if (tile.Resume)
        {
            c00 = TLanes.Load(c);
        }

        for (; a < end; a += step)
        {
            TLanes v0 = TLanes.Load(b0);
            TLanes x = TLanes.Broadcast(a[0]);
            c00 = TLanes.FusedMultiplyAdd(x, v0, c00);
            b0 += 16;
        }

        c00.Store(c);
    }

    /// <summary>2 rows by 16 columns.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    private static void Rows2Groups1(in RegisterTile tile)
    {
        float* a = tile.A, end = tile.A + tile.Depth * tile.Step;
        float* b0 = tile.B0, c = tile.Target;
        long step = tile.Step, stride = tile.Stride;
        TLanes c00 = TLanes.Zero;
        TLanes c10 = TLanes.Zero;
        if (tile.Resume)
        {
            c00 = TLanes.Load(c);
            c10 = TLanes.Load(c + stride);
        }

        for (; a < end; a += step)
        {
            TLanes v0 = TLanes.Load(b0);
            TLanes x = TLanes.Broadcast(a[0]);
            c00 = TLanes.FusedMultiplyAdd(x, v0, c00);
            x = TLanes.Broadcast(a[1]);
            c10 = TLanes.FusedMultiplyAdd(x, v0, c10);
            b0 += 16;
        }

        c00.Store(c);
        c10.Store(c + stride);
    }

    /// <summary>4 rows by 16 columns.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    private static void Rows4Groups1(in RegisterTile tile)
    {
        float* a = tile.A, end = tile.A + tile.Depth * tile.Step;
        float* b0 = tile.B0, c = tile.Target;
        long step = tile.Step, stride = tile.Stride;
        TLanes c00 = TLanes.Zero;
        TLanes c10 = TLanes.Zero;
        TLanes c20 = TLanes.Zero;
        TLanes c30 = TLanes.Zero;
        if (tile.Resume)
        {
            c00 = TLanes.Load(c);
            c10 = TLanes.Load(c + stride);
            c20 = TLanes.Load(c + 2 * stride);
            c30 = TLanes.Load(c + 3 * stride);
        }

        for (; a < end; a += step)
        {
            TLanes v0 = TLanes.Load(b0);
            TLanes x = TLanes.Broadcast(a[0]);
            c00 = TLanes.FusedMultiplyAdd(x, v0, c00);
            x = TLanes.Broadcast(a[1]);
            c10 = TLanes.FusedMultiplyAdd(x, v0, c10);
            x = TLanes.Broadcast(a[2]);
            c20 = TLanes.FusedMultiplyAdd(x, v0, c20);
            x = TLanes.Broadcast(a[3]);
            c30 = TLanes.FusedMultiplyAdd(x, v0, c30);
            b0 += 16;
        }

        c00.Store(c);
        c10.Store(c + stride);
        c20.Store(c + 2 * stride);
        c30.Store(c + 3 * stride);
    }
}
