namespace Parley.Tensors.Kernels;

/// <summary>The operands of one register tile. B1 and B2 are read by wide tiles only.</summary>
internal unsafe struct RegisterTile
{
    /// <summary>Row r of step k at <c>A[k * Step + r * Row]</c>. Tiles of less than 8 rows, narrow tiles and tiles of pairs take packed rows only: Row is 1.</summary>
    public float* A;

    public long Step, Row;

    /// <summary>Panels <c>[depth][16]</c> of the columns.</summary>
    public float* B0, B1, B2;

    public long Depth;

    /// <summary>What later tiles will read, asked for while this one computes: from here on, so many bytes further at each step.</summary>
    public byte* Ahead;

    public long AheadStep;

    /// <summary>For tiles of pairs instead: whether to ask for all of the next tile's columns.</summary>
    public bool AsksForNext;

    /// <summary>Rows <see cref="Stride"/> floats apart.</summary>
    public float* Target;

    public long Stride;

    /// <summary>Whether the chains go on from what the target holds, rather than from 0.</summary>
    public bool Resume;
}
