namespace Parley.Tensors.Kernels;

/// <summary>The right operand of a product, in whatever form it is stored: panels of 16 columns that can be had as F32.</summary>
internal unsafe interface IColumnPanels
{
    /// <summary>Columns, without the filling.</summary>
    int Count { get; }

    int PanelCount { get; }

    /// <summary><c>[depth][16]</c> of one panel from <paramref name="start"/> on: where it lies, or decoded into the scratch.</summary>
    float* Columns(int index, int start, int depth, float* scratch);

    /// <summary>Where <see cref="Columns"/> will read, to be asked for ahead; null where reading ahead does not pay.</summary>
    float* Ahead(int index, int start);
}
