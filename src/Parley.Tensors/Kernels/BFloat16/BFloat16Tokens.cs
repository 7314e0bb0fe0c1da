namespace Parley.Tensors.Kernels;

/// <summary>
/// How the rows of an input are cut into tiles for assembled kernels: tiles of <see cref="Width"/> tokens, the last one possibly narrower,
/// each packed <c>[pair][tokens of the tile]</c> so that a token's pair is one broadcast.
/// </summary>
/// <param name="Data">Packed pairs, 4 bytes each.</param>
/// <param name="Rows">Tokens.</param>
/// <param name="Pairs">Steps of two of the depth.</param>
/// <param name="Width">Tokens of a tile.</param>
internal readonly unsafe record struct BFloat16Tokens(nint Data, int Rows, int Pairs, int Width)
{
    /// <summary>Tokens of the widest tile.</summary>
    public const int MostWide = 6;

    public int Tiles => (Rows + Width - 1) / Width;

    public static BFloat16Tokens Cut(int rows, int pairs)
    {
        int tiles = (rows + MostWide - 1) / MostWide;
        return new BFloat16Tokens(0, rows, pairs, (rows + tiles - 1) / tiles);
    }

    public int TokensOf(int tile) => Math.Min(Width, Rows - tile * Width);

    public uint* Tile(int tile) => (uint*)Data + (long)tile * Width * Pairs;
}
