namespace Parley.Tensors.Kernels;

/// <summary>Enters the tiles of one kind of vector into a set's table.</summary>
internal static unsafe class VectorTiles<TQuads>
    where TQuads : struct, IQuads<TQuads>
{
    public static void AddTo(R16Kernels kernels)
    {
        Add<EightForm>(kernels);
        Add<FourForm>(kernels);
        Add<FourAddForm>(kernels);
        Add<FiveForm>(kernels);
        Add<FiveAddForm>(kernels);
        Add<SixForm>(kernels);
    }

    private static void Add<TForm>(R16Kernels kernels)
        where TForm : struct, IR16Form
    {
        // A vector of 16 rows needs two groups for its two vectors; a narrower one is content with one.
        for (int groups = 1; groups <= Math.Max(1, TQuads.Rows / 8); groups++)
        {
            kernels.Add(TForm.Format, groups, 1, new TileFunction(&VectorTile<TQuads, TForm, OneToken>.Run));
            kernels.Add(TForm.Format, groups, 2, new TileFunction(&VectorTile<TQuads, TForm, TwoTokens>.Run));
            kernels.Add(TForm.Format, groups, 3, new TileFunction(&VectorTile<TQuads, TForm, ThreeTokens>.Run));
            kernels.Add(TForm.Format, groups, 4, new TileFunction(&VectorTile<TQuads, TForm, FourTokens>.Run));
        }
    }
}
