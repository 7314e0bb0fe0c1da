using System.Runtime.CompilerServices;

namespace Parley.Tensors.Kernels;

/// <summary>
/// Products of one dispatch: at the end of every dispatch some thread waits for the others, up to a chunk's time on cores that are not equally fast, so fewer and finer
/// ends are worth more than any kernel's last percent.
/// </summary>
/// <param name="products">First those that add to one output, then others, each with chunks of its own.</param>
/// <param name="inTurn">How many add to one output: a chunk takes its rows through all of them, one after another.</param>
/// <param name="count">How many there are in all.</param>
/// <param name="then">What happens to the rows of the products in turn when they are done.</param>
/// <param name="fillers">What fills the end.</param>
/// <param name="workers">How many threads there are.</param>
internal readonly struct ProductGroup<TLanes>(ProductGroup<TLanes>.Products products, int inTurn, int count, GeluRows then, GroupFillers fillers, int workers) : IWorkerWork
    where TLanes : struct, ILanes<TLanes>
{
    /// <summary>Chunks without the fillers.</summary>
    public int Chunks
    {
        get
        {
            int chunks = 0;
            for (int i = Math.Max(0, inTurn - 1); i < count; i++)
            {
                chunks += products[i].Chunks;
            }

            return chunks;
        }
    }

    public void Execute(int chunk, int worker)
    {
        int chunks = Chunks;
        if (chunk >= chunks)
        {
            fillers.Execute<TLanes>(chunk - chunks);
            return;
        }

        (int product, int block) = Locate(chunk, chunks);
        for (int i = product < inTurn ? 0 : product; i <= product; i++)
        {
            products[i].Execute(block, worker);
        }

        if (product < inTurn)
        {
            (int first, int rows) = products[product].Rows(block);
            then.Execute<TLanes>(first, rows);
        }
    }

    /// <summary>
    /// A thread's run of chunks leads through its share of every product, so that all threads read the same columns at about the same time. The last of the products
    /// in turn stands for all of them.
    /// </summary>
    private (int Product, int Block) Locate(int chunk, int chunks)
    {
        int sharers = AreDivisible() ? workers : 1;
        (int sharer, int position) = Math.DivRem(chunk, chunks / sharers);
        int product = Math.Max(0, inTurn - 1);
        for (; position >= products[product].Chunks / sharers; product++)
        {
            position -= products[product].Chunks / sharers;
        }

        return (product, sharer * (products[product].Chunks / sharers) + position);
    }

    private bool AreDivisible()
    {
        for (int i = Math.Max(0, inTurn - 1); i < count; i++)
        {
            if (products[i].Chunks % workers != 0)
            {
                return false;
            }
        }

        return true;
    }

    [InlineArray(2 * LinearGroup.Most)]
    internal struct Products
    {
        private MatMulWork<TLanes, Panels> _first;
    }
}
