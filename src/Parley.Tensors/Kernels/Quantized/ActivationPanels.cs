namespace Parley.Tensors.Kernels;

/// <summary>
/// Activations [T, K] rounded to int8 in blocks of 32, cut into panels of as many tokens as one tile takes. A block's 32 numbers are
/// q = round(x * (127 / max|x|)), ties to even, with the scale max|x| / 127, so that a token's bits depend on nothing but its own row. With two
/// parts the rounding's remainder is rounded in the same way and stands beside it as a token of its own: a tile multiplies both, and their
/// products are added.
/// <code>
/// panel of T tokens (each part counts as one) = block[Blocks], each of (Terms + 8) * T words of 4 bytes:
///   F32 scale[T]
///   term[T]          Eight, Four, Five: int32 -offset * sum of q;  FourAdd, FiveAdd: F32 scale * sum of q;  Six: int32 -32 * sum of q[0..15]
///   term2[T]         Six only: int32 -32 * sum of q[16..31]
///   int8 q[8][T][4]  step s of token t: q[4s .. 4s + 3], one broadcast word
/// </code>
/// </summary>
/// <param name="Data">The first panel; panels follow each other.</param>
/// <param name="Format">For which weights the terms are.</param>
/// <param name="Tokens">Tokens of all panels, however many parts each has.</param>
/// <param name="Depth">K.</param>
/// <param name="PanelCount">How many panels; the first ones are one token wider where they cannot be equal.</param>
/// <param name="Parts">int8 numbers that stand for one activation, 1 or 2.</param>
internal readonly unsafe record struct ActivationPanels(nint Data, R16Format Format, int Tokens, int Depth, int PanelCount, int Parts = 1)
{
    public int Blocks => (Depth + R16Matrix.BlockLength - 1) / R16Matrix.BlockLength;

    /// <summary>Words of one part of a token in one block.</summary>
    public int Words => Format.Terms + R16Matrix.StepsPerBlock;

    /// <summary>Bytes of one token in its panel.</summary>
    public long TokenBytes => (long)Parts * Blocks * Words * sizeof(int);

    public long ByteCount => Tokens * TokenBytes;

    /// <summary>The first token of a panel; of the panel after the last one: all tokens.</summary>
    public int First(int panel) => panel * (Tokens / PanelCount) + Math.Min(panel, Tokens % PanelCount);

    /// <summary>Columns of a panel: its tokens, each with all its parts.</summary>
    public int Width(int panel) => Parts * (Tokens / PanelCount + (panel < Tokens % PanelCount ? 1 : 0));

    public byte* Panel(int panel) => (byte*)Data + First(panel) * TokenBytes;
}
