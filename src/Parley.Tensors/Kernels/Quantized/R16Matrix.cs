namespace Parley.Tensors.Kernels;

// N rows (outputs), K depth (inputs), a group = 16 rows, a block = 32 weights of a row.

/// <summary>
/// A quantised weight [N, K] with 16 rows interleaved, so that one 64-byte line holds 4 consecutive weights of each of 16 outputs and a
/// vector lane sums its own output: no sum ever runs across lanes.
/// <code>
/// matrix  = group[ceil(N / 16)]                      rows and weights beyond N and K are zero products
/// group   = header[Blocks], zeros up to a multiple of 64, numbers[Blocks]
/// header  = F16 scale[16]                            Eight, Four, Five
///         | F16 scale[16], F16 add[16]               FourAdd, FiveAdd
///         | F16 scale of weights 0-15 [16], F16 scale of weights 16-31 [16]      Six
/// numbers = lines of 64 bytes; byte 4r + b of a line belongs to row r; step s = weights 4s + b, s = 0..7:
///   Eight : 8 lines, line s = step s
///   others: 4 lines, line s = step s in the low nibbles, step s + 4 in the high nibbles (bits 0-3 of the number), then
///   Five  : 1 line, bit s of a byte = bit 4 of step s
///   Six   : 2 lines, bits 2j, 2j+1 of a byte of line h = bits 4, 5 of step 4h + j
/// </code>
/// A group is a multiple of 64 bytes and starts on one.
/// </summary>
/// <param name="Data">The first group.</param>
/// <param name="Rows">N.</param>
/// <param name="Depth">K.</param>
/// <param name="Parts">How many int8 numbers stand for one activation; see <see cref="ActivationPanels"/>.</param>
internal readonly unsafe record struct R16Matrix(nint Data, R16Format Format, int Rows, int Depth, int Parts = 1)
{
    public const int GroupRows = 16;
    public const int BlockLength = 32;
    public const int LineBytes = 64;
    public const int StepsPerBlock = 8;

    public int Groups => (Rows + GroupRows - 1) / GroupRows;

    public int Blocks => (Depth + BlockLength - 1) / BlockLength;

    /// <summary>Bytes of one block's header.</summary>
    public int HeaderBytes => Format.Vectors * GroupRows * 2;

    /// <summary>Bytes of one block's numbers.</summary>
    public int NumberBytes => Format.Lines * LineBytes;

    /// <summary>Bytes from a group's begin to its numbers.</summary>
    public int NumbersOffset => (Blocks * HeaderBytes + LineBytes - 1) / LineBytes * LineBytes;

    public long GroupBytes => NumbersOffset + (long)Blocks * NumberBytes;

    public long ByteCount => Groups * GroupBytes;

    public byte* Group(int index) => (byte*)Data + index * GroupBytes;
}
