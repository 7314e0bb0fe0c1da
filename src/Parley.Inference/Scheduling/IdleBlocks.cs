namespace Parley.Inference;

/// <summary>
/// Blocks that nobody holds but whose contents are kept, in the order in which they fell idle. Everything takes constant time: a ring of links
/// in two arrays, with one link more as its seam.
/// </summary>
internal sealed class IdleBlocks
{
    private readonly int[] _older;
    private readonly int[] _newer;
    private readonly int _seam;

    public IdleBlocks(int blocks)
    {
        (_older, _newer, _seam) = (new int[blocks + 1], new int[blocks + 1], blocks);
        Link(_seam, _seam);
    }

    public int Count { get; private set; }

    public void Add(int block)
    {
        Link(_older[_seam], block);
        Link(block, _seam);
        Count++;
    }

    public void Remove(int block)
    {
        Link(_older[block], _newer[block]);
        Count--;
    }

    /// <summary>Takes out the block that has been idle longest; there must be one.</summary>
    public int TakeOldest()
    {
        var block = _newer[_seam];
        Remove(block);
        return block;
    }

    private void Link(int older, int newer) => (_newer[older], _older[newer]) = (newer, older);
}
