using System.Runtime.Intrinsics.X86;

namespace Parley.Tensors.Kernels;

/// <summary>
/// The tile kernels of one kernel set: for a format, a number of groups and a number of tokens, a function over <see cref="R16Tile"/>. The one
/// place where a set chooses its kernels. Of each format a set has every number of tokens from 1 to its widest, each at least for one group.
/// </summary>
internal sealed unsafe class R16Kernels
{
    /// <summary>Larger tiles would not fit 32 registers.</summary>
    public const int MostGroups = 4;

    private const int TokenLimit = 12;
    private const int ReferenceTokens = 4;

    private static readonly Lazy<R16Kernels>[] Sets = [.. Enum.GetValues<KernelSet>().Select(set => new Lazy<R16Kernels>(() => Create(set)))];

    private readonly TileFunction[] _functions = new TileFunction[R16Formats.Count * (MostGroups + 1) * (TokenLimit + 1)];

    private readonly int[] _mostTokens = new int[R16Formats.Count];

    internal R16Kernels()
    {
    }

    /// <summary>The kernels behind a set, made when first asked for.</summary>
    public static R16Kernels For(KernelSet set) => Sets[(int)set].Value;

    /// <summary>How many panels some tokens of one or two parts are cut into: as few as possible, as equal as possible.</summary>
    public int PanelCount(R16Format format, int tokens, int parts = 1)
    {
        int most = _mostTokens[(int)format] / parts;
        return (tokens + most - 1) / most;
    }

    /// <summary>The most groups, of <paramref name="left"/>, that one call can do for a panel of that many tokens.</summary>
    public int Groups(R16Format format, int tokens, int left)
    {
        int groups = Math.Min(left, MostGroups);
        while (groups > 1 && !Exists(format, groups, tokens))
        {
            groups--;
        }

        return groups;
    }

    public bool IsAssembled(R16Format format) => _functions[Index(format, 1, 1)].IsAssembled;

    public bool Exists(R16Format format, int groups, int tokens) => tokens <= TokenLimit && _functions[Index(format, groups, tokens)].Exists;

    /// <summary>Runs the kernel that the tile's format, groups and tokens name; it must exist.</summary>
    public void Run(R16Tile* tile) => _functions[Index(tile->Format, tile->Groups, tile->Tokens)].Invoke(tile);

    /// <summary>Enters a kernel, in place of one for the same shape. The widest panel of a format is the most tokens ever entered for it.</summary>
    public void Add(R16Format format, int groups, int tokens, TileFunction function)
    {
        _functions[Index(format, groups, tokens)] = function;
        _mostTokens[(int)format] = Math.Max(_mostTokens[(int)format], tokens);
    }

    private static int Index(R16Format format, int groups, int tokens) => ((int)format * (MostGroups + 1) + groups) * (TokenLimit + 1) + tokens;

    private static R16Kernels Create(KernelSet set)
    {
        R16Kernels kernels = new();
        if (set == KernelSet.Reference)
        {
            kernels.AddReference();
        }
        else if (set == KernelSet.Assembled)
        {
            AssembledTiles.AddTo(kernels);
        }
        else if (set == KernelSet.Vector128 || !Avx2.IsSupported)
        {
            VectorTiles<Quads128>.AddTo(kernels);
        }
        else
        {
            AddWide(kernels, set);
        }

        return kernels;
    }

    private static void AddWide(R16Kernels kernels, KernelSet set)
    {
        bool wide = set != KernelSet.Vector256 && Avx512BW.IsSupported;
        if (AvxVnni.IsSupported)
        {
            VectorTiles<Quads256Vnni>.AddTo(kernels);
        }
        else if (wide)
        {
            VectorTiles<Quads512>.AddTo(kernels);
        }
        else
        {
            VectorTiles<Quads256>.AddTo(kernels);
        }

        // Numbers of up to 6 bits need no VNNI; bytes would take twice as many products.
        if (wide)
        {
            BlockTiles.AddTo(kernels);
        }
    }

    private void AddReference()
    {
        foreach (R16Format format in Enum.GetValues<R16Format>())
        {
            for (int tokens = 1; tokens <= ReferenceTokens; tokens++)
            {
                Add(format, 1, tokens, new TileFunction(&ReferenceTile.Run));
            }
        }
    }
}
