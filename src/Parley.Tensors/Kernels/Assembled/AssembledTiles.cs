namespace Parley.Tensors.Kernels;

/// <summary>The assembled tiles over R16, emitted once a process and kept: the shapes that measured best.</summary>
internal static unsafe class AssembledTiles
{
    /// <summary>Two groups by six tokens fill the registers; three by four and four by three measured the same.</summary>
    public const int MostTokens = 6;

    private const int MostGroups = 2;

    private static readonly List<ExecutablePages> Code = [];

    /// <summary>Adds every tile. One token takes one group at a time: more only spread its reads.</summary>
    public static void AddTo(R16Kernels kernels)
    {
        foreach (R16Format format in Enum.GetValues<R16Format>())
        {
            for (int tokens = 1; tokens <= MostTokens; tokens++)
            {
                for (int groups = 1; groups <= (tokens == 1 ? 1 : MostGroups); groups++)
                {
                    ExecutablePages pages = KernelAssembler.Assemble(new R16TileEmitter(format, groups, tokens).Emit);
                    Code.Add(pages);
                    kernels.Add(format, groups, tokens, new TileFunction((delegate* unmanaged<R16Tile*, void>)pages.Address));
                }
            }
        }
    }
}
