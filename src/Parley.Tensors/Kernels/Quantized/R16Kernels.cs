namespace Parley.Tensors.Kernels;

/// <summary>
/// The tile kernels of one kernel set: for a format, a number of groups and a number of tokens, a function over <see cref="R16Tile"/>. The one
/// place where a set chooses its kernels. A set has every number of tokens from 1 to <see cref="MostTokens"/>, each at least for one group.
/// </summary>
internal sealed unsafe class R16Kernels
{
    /// <summary>Larger tiles would not fit 32 registers.</summary>
    public const int MostGroups = 4;

    private const int TokenLimit = 12;

    private static readonly Lazy<R16Kernels>[] Sets = [.. Enum.GetValues<KernelSet>().Select(set => new Lazy<R16Kernels>(() => Create(set)))];

    private readonly TileFunction[] _functions = new TileFunction[R16Formats.Count * (MostGroups + 1) * (TokenLimit + 1)];

    private R16Kernels(int mostTokens) => MostTokens = mostTokens;

    /// <summary>Tokens of the widest panel.</summary>
    public int MostTokens { get; }

    /// <summary>The kernels behind a set, made when first asked for.</summary>
    public static R16Kernels For(KernelSet set) => Sets[(int)set].Value;

    /// <summary>How many panels some tokens are cut into: as few as possible, as equal as possible.</summary>
    public int PanelCount(int tokens) => (tokens + MostTokens - 1) / MostTokens;

    /// <summary>The most groups, of <paramref name="left"/>, that one call can do for a panel of that many tokens.</summary>
    public int Groups(R16Format format, int tokens, int left)
    {
        int groups = Math.Min(left, MostGroups);
        while (groups > 1 && !_functions[Index(format, groups, tokens)].Exists)
        {
            groups--;
        }

        return groups;
    }

    /// <summary>Runs the kernel that the tile's format, groups and tokens name; it must exist.</summary>
    public void Run(R16Tile* tile) => _functions[Index(tile->Format, tile->Groups, tile->Tokens)].Invoke(tile);

    public void Add(R16Format format, int groups, int tokens, TileFunction function) => _functions[Index(format, groups, tokens)] = function;

    private static int Index(R16Format format, int groups, int tokens) => ((int)format * (MostGroups + 1) + groups) * (TokenLimit + 1) + tokens;

    private static R16Kernels Create(KernelSet set)
    {
        if (set == KernelSet.Assembled)
        {
            R16Kernels assembled = new(AssembledTiles.MostTokens);
            AssembledTiles.AddTo(assembled);
            return assembled;
        }

        R16Kernels kernels = new(mostTokens: 4);
        for (int tokens = 1; tokens <= kernels.MostTokens; tokens++)
        {
            foreach (R16Format format in Enum.GetValues<R16Format>())
            {
                kernels.Add(format, 1, tokens, new TileFunction(&ReferenceTile.Run));
            }
        }

        return kernels;
    }
}
