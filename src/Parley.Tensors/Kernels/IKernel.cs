namespace Parley.Tensors.Kernels;

/// <summary>
/// An operation over numbered, independent items (rows, columns, tiles), written once for every vector width. A struct that carries its
/// operands; <see cref="KernelDriver"/> picks the width and spreads the items over the workers.
/// </summary>
internal interface IKernel
{
    /// <summary>Does items <paramref name="first"/> up to, not including, <paramref name="end"/>; an item's bits do not depend on the range.</summary>
    void Execute<TLanes>(int first, int end)
        where TLanes : struct, ILanes<TLanes>;
}
