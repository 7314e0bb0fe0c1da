using System.Runtime.InteropServices;

namespace Parley.Tensors.Kernels;

/// <summary>
/// The argument of a tile kernel, which multiplies G groups of 16 rows by the T tokens of one panel over all blocks of the depth and writes
/// G * T vectors of 16 floats. Per row and token, from acc = 0, block after block:
/// <code>
/// Eight, Four, Five: dot = term + sum of u * q (int32);       acc = fma(float(dot) * scale, activationScale, acc)
/// FourAdd, FiveAdd : dot = sum of u * q;                      acc = fma(float(dot) * scale, activationScale, acc); acc = fma(add, term, acc)
/// Six              : dot = term + sum over weights 0-15;      acc = fma(float(dot) * scale0, activationScale, acc)
///                    dot = term2 + sum over weights 16-31;    acc = fma(float(dot) * scale1, activationScale, acc)
/// </code>
/// The product float(dot) * scale is rounded to F32 before the fused step; F16 values become F32 exactly, also subnormal ones. u are the unsigned
/// numbers of <see cref="R16Matrix"/>, the rest comes from <see cref="ActivationPanels"/>. Every kernel set gives these bits.
/// Offsets are fixed: assembled kernels read this struct from the pointer in their first argument. A kernel that does <see cref="More"/> tiles
/// leaves weights and output moved and the count used up.
/// </summary>
[StructLayout(LayoutKind.Explicit, Size = 72)]
internal unsafe struct R16Tile
{
    public const int PrefetchOffset = 67;
    public const int MoreOffset = 68;

    /// <summary>The first group.</summary>
    [FieldOffset(0)]
    public byte* Weights;

    /// <summary>Bytes from one group to the next.</summary>
    [FieldOffset(8)]
    public long GroupStride;

    /// <summary>Bytes from a group's begin to its numbers, a multiple of 64.</summary>
    [FieldOffset(16)]
    public long NumbersOffset;

    /// <summary>The panel of exactly T tokens.</summary>
    [FieldOffset(24)]
    public byte* Activations;

    /// <summary>Blocks of depth, at least 1.</summary>
    [FieldOffset(32)]
    public long Blocks;

    /// <summary>16 floats for the first group and token; no alignment is promised.</summary>
    [FieldOffset(40)]
    public float* Output;

    /// <summary>Bytes from one token's output to the next.</summary>
    [FieldOffset(48)]
    public long TokenStride;

    /// <summary>Bytes from one group's output to the next: 64 within one matrix.</summary>
    [FieldOffset(56)]
    public long GroupOutputStride;

    /// <summary>What the kernel was chosen by; read by kernels that serve more than one shape.</summary>
    [FieldOffset(64)]
    public R16Format Format;

    /// <summary>G.</summary>
    [FieldOffset(65)]
    public byte Groups;

    /// <summary>T.</summary>
    [FieldOffset(66)]
    public byte Tokens;

    /// <summary>
    /// 1 to ask for the same lines of the G groups behind these while this tile is computed: with few tokens the units wait for memory, with
    /// several panels memory waits for the units. Only kernels that can do it look at it; it shows in no result.
    /// </summary>
    [FieldOffset(PrefetchOffset)]
    public byte Prefetch;

    /// <summary>How many further tiles of G groups follow this one, for the same tokens: one call where memory would wait for the next.</summary>
    [FieldOffset(MoreOffset)]
    public int More;
}
