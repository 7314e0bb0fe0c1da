using Parley.Tensors;

namespace Parley.Models;

/// <summary>Shapes from the extents that a file lists, outermost first.</summary>
internal static class TensorShapes
{
    public const int MaximumRank = 4;

    /// <summary>A list without extents is a single number.</summary>
    public static Shape From(ReadOnlySpan<int> extents) => extents.Length switch
    {
        0 => new Shape(1),
        1 => new Shape(extents[0]),
        2 => new Shape(extents[0], extents[1]),
        3 => new Shape(extents[0], extents[1], extents[2]),
        _ => new Shape(extents[0], extents[1], extents[2], extents[3]),
    };
}
