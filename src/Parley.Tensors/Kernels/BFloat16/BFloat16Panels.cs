using System.Runtime.Intrinsics;

namespace Parley.Tensors.Kernels;

/// <summary>
/// A BF16 weight [N, K] cut for <c>vdpbf16ps</c>: panels <c>[K / 2][16 columns][2]</c>, so that 64 bytes hold two steps of the depth of 16
/// outputs. An odd depth and a last panel are filled up with zeros. A step of two multiplies its odd element first, then its even one:
/// that is the order of the instruction, and every kernel set keeps it.
/// </summary>
/// <param name="Data">The first panel.</param>
/// <param name="Count">Outputs, N.</param>
/// <param name="Inputs">Inputs, K.</param>
internal readonly unsafe record struct BFloat16Panels(nint Data, int Count, int Inputs) : IColumnPanels
{
    /// <summary>Bytes of one step of two in one panel.</summary>
    public const int Line = 64;

    public int PanelCount => (Count + Panels.ColumnWidth - 1) / Panels.ColumnWidth;

    public int Pairs => (Inputs + 1) / 2;

    public int Depth => Pairs * 2;

    /// <summary>Bytes from one panel to the next.</summary>
    public long Stride => (long)Pairs * Line;

    public long ByteCount => PanelCount * Stride;

    public byte* Panel(int index) => (byte*)Data + index * Stride;

    public float* Ahead(int index, int start) => null;

    /// <summary>Decodes steps <paramref name="start"/> up to start + depth of a panel to F32, in the order in which they are multiplied.</summary>
    public float* Columns(int index, int start, int depth, float* scratch)
    {
        uint* from = (uint*)(Panel(index) + start / 2 * Line);
        float* to = scratch;
        for (int step = 0; step < depth; step += 2, from += 16, to += 32)
        {
            Vector512<uint> pairs = Vector512.Load(from);
            (pairs & Vector512.Create(0xFFFF0000u)).AsSingle().Store(to);
            (pairs << 16).AsSingle().Store(to + 16);
        }

        return scratch;
    }
}
