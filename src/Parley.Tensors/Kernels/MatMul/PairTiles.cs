using System.Runtime.CompilerServices;

namespace Parley.Tensors.Kernels;

/// <summary>
/// The innermost loops of products with both operands rounded to BF16: 8 rows by up to 3 groups of 16 columns, a pair of steps at a time, summed in
/// F32. By <c>vdpbf16ps</c> where there are assembled kernels, else by fused multiply-adds in its order: the odd step first, then the even one.
/// </summary>
internal static unsafe class PairTiles<TLanes>
    where TLanes : struct, ILanes<TLanes>
{
    private static readonly TileKernels Kernels =
        new(WideTiles<TLanes>.Groups, Panels.RowWidth, static (groups, tokens) => new BFloat16TileEmitter(groups, tokens).Emit);

    public static void Run(in RegisterTile tile, int groups, bool assembled)
    {
        if (assembled)
        {
            Assembled(tile, groups);
            return;
        }

        float** columns = stackalloc float*[] { tile.B0, tile.B1, tile.B2 };
        for (int group = 0; group < groups; group++)
        {
            for (int row = 0; row < Panels.RowWidth; row++)
            {
                Row((uint*)tile.A + row, (uint*)columns[group], tile, tile.Target + row * tile.Stride + group * Panels.ColumnWidth);
            }
        }
    }

    private static void Assembled(in RegisterTile tile, int groups)
    {
        BFloat16TileArguments arguments = new()
        {
            Weights = (byte*)tile.B0,
            GroupStride = groups > 1 ? (byte*)tile.B1 - (byte*)tile.B0 : 0,
            Activations = (byte*)tile.A,
            Pairs = tile.Depth,
            Output = tile.Target,
            OutputStride = tile.Stride * sizeof(float),
            Mask = 0xFFFF,
            Resume = tile.Resume ? 1 : 0,
            Prefetch = tile.AsksForNext ? 1 : 0,
        };
        ((delegate* unmanaged<BFloat16TileArguments*, void>)Kernels.Get(groups, Panels.RowWidth))(&arguments);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    private static void Row(uint* row, uint* columns, in RegisterTile tile, float* target)
    {
        TLanes sum = tile.Resume ? TLanes.Load(target) : TLanes.Zero;
        for (long pair = 0; pair < tile.Depth; pair++, row += Panels.RowWidth, columns += Panels.ColumnWidth)
        {
            sum = TLanes.FusedMultiplyAdd(TLanes.Broadcast(BitConverter.UInt32BitsToSingle(*row & 0xFFFF0000)), TLanes.LoadUpperHalves(columns), sum);
            sum = TLanes.FusedMultiplyAdd(TLanes.Broadcast(BitConverter.UInt32BitsToSingle(*row << 16)), TLanes.LoadLowerHalves(columns), sum);
        }

        sum.Store(target);
    }
}
