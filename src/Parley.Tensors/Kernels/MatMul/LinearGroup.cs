namespace Parley.Tensors.Kernels;

/// <summary>
/// The products of linear maps that share an input, in as few dispatches as the order of their sums allows. Which products share a
/// dispatch shows in no result. After the largest group was seen once it allocates nothing.
/// </summary>
internal sealed unsafe class LinearGroup(ComputeContext context, MatMulKernel matMul) : IDisposable
{
    /// <summary>So many maps go together.</summary>
    public const int Most = 3;

    private readonly ScratchBuffer _chains = new();

    /// <summary>Multiplies, and does what else there is to do meanwhile.</summary>
    /// <param name="inTurn">Products that add to one output, the first before the second.</param>
    /// <param name="apart">Products that depend on none of the others.</param>
    /// <param name="then">What happens to the output of those in turn; nothing, unless it has one block of columns.</param>
    /// <param name="fillers">What depends on none of the products, nor they on it.</param>
    public void Multiply(ReadOnlySpan<MatrixProduct> inTurn, ReadOnlySpan<MatrixProduct> apart, GeluRows then, in GroupFillers fillers)
    {
        if (AreCut(inTurn) && AreCut(apart) && (then.Columns == 0 || HasOneBlockOfColumns(inTurn[0])))
        {
            Dispatch(inTurn, apart, then, fillers);
            return;
        }

        foreach (MatrixProduct product in inTurn)
        {
            matMul.Multiply(product);
        }

        foreach (MatrixProduct product in apart)
        {
            matMul.Multiply(product);
        }

        if (then.Columns > 0)
        {
            then.Run(context, inTurn[0].Left.Count);
        }

        if (fillers.Chunks > 0)
        {
            Dispatch([], [], default, fillers);
        }
    }

    public void Dispose() => _chains.Dispose();

    /// <summary>Whether all of these are cut into chunks that take their rows themselves; a few rows are packed beforehand.</summary>
    private bool AreCut(ReadOnlySpan<MatrixProduct> products)
    {
        foreach (MatrixProduct product in products)
        {
            if (!product.Blocking(context.Workers.Threads).PacksRows)
            {
                return false;
            }
        }

        return true;
    }

    private bool HasOneBlockOfColumns(in MatrixProduct product) => product.Right.PanelCount <= product.Blocking(context.Workers.Threads).Groups;

    private void Dispatch(ReadOnlySpan<MatrixProduct> inTurn, ReadOnlySpan<MatrixProduct> apart, GeluRows then, in GroupFillers fillers)
    {
        switch (context.Lanes)
        {
            case KernelSet.Vector512: Dispatch<Lanes512>(inTurn, apart, then, fillers); break;
            case KernelSet.Vector256: Dispatch<Lanes256>(inTurn, apart, then, fillers); break;
            case KernelSet.Vector128: Dispatch<Lanes128>(inTurn, apart, then, fillers); break;
            default: Dispatch<LanesScalar>(inTurn, apart, then, fillers); break;
        }
    }

    private void Dispatch<TLanes>(ReadOnlySpan<MatrixProduct> inTurn, ReadOnlySpan<MatrixProduct> apart, GeluRows then, in GroupFillers fillers)
        where TLanes : struct, ILanes<TLanes>
    {
        long room = Math.Max(Room(inTurn), Room(apart));
        nint scratch = (nint)_chains.Take(room * context.Workers.Threads);
        ProductGroup<TLanes>.Products products = default;
        int count = 0;
        foreach (MatrixProduct product in inTurn)
        {
            products[count++] = matMul.Work<TLanes>(product, scratch, room);
        }

        foreach (MatrixProduct product in apart)
        {
            products[count++] = matMul.Work<TLanes>(product, scratch, room);
        }

        ProductGroup<TLanes> group = new(products, inTurn.Length, count, then, fillers, context.Workers.Threads);
        context.Workers.RunPerWorker(group, group.Chunks + fillers.Chunks, fillers.Chunks);
    }

    private long Room(ReadOnlySpan<MatrixProduct> products)
    {
        long room = 0;
        foreach (MatrixProduct product in products)
        {
            room = Math.Max(room, product.Blocking(context.Workers.Threads).ScratchFloats);
        }

        return room;
    }
}
