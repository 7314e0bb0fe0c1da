namespace Parley.Tensors.Kernels;

/// <summary>
/// One operand of a matrix product, cut into panels <c>[panel][depth][width]</c>: 8 rows for the left operand, 16 columns
/// for the right one. The last panel is filled up with zeros, whose products nobody reads.
/// </summary>
/// <param name="Data">The first panel.</param>
/// <param name="Count">Rows, or columns, without the filling.</param>
/// <param name="Depth">The length of the contraction.</param>
/// <param name="Width">8 or 16; 1 for a single row that needs no packing.</param>
internal readonly unsafe record struct Panels(nint Data, int Count, int Depth, int Width) : IColumnPanels
{
    public const int RowWidth = 8;
    public const int ColumnWidth = 16;

    public int PanelCount => (Count + Width - 1) / Width;

    public float* Panel(int index) => (float*)Data + (long)index * Depth * Width;

    public float* Columns(int index, int start, int depth, float* scratch) => Panel(index) + (long)start * Width;

    public float* Ahead(int index, int start) => Panel(index) + (long)start * Width;

    public static long Floats(int count, int depth, int width) => (long)(count + width - 1) / width * width * depth;
}
