namespace Parley.Tensors.Kernels;

/// <summary>Enters the tiles that keep a block in registers into a set's table.</summary>
internal static unsafe class BlockTiles
{
    public static void AddTo(R16Kernels kernels)
    {
        Add<FourForm>(kernels);
        Add<FourAddForm>(kernels);
        Add<FiveForm>(kernels);
        Add<FiveAddForm>(kernels);
        Add<SixForm>(kernels);
    }

    private static void Add<TForm>(R16Kernels kernels)
        where TForm : struct, IR16Form
    {
        for (int tokens = 1; tokens <= BlockTile<TForm>.MostTokens; tokens++)
        {
            kernels.Add(TForm.Format, 1, tokens, new TileFunction(&BlockTile<TForm>.Run));
            kernels.Add(TForm.Format, 2, tokens, new TileFunction(&BlockTile<TForm>.Run));
        }
    }
}
