using Parley.Tensors;

namespace Parley.Inference;

/// <summary>
/// Which blocks of the KV cache are free and how many sequences hold each of the others. It knows no sequence and no memory; a block
/// with more than one holder is a shared prefix and must not be written to. One thread only.
/// </summary>
internal sealed class BlockAllocator
{
    private readonly int[] _free;
    private readonly int[] _holders;

    public BlockAllocator(int blocks)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(blocks);
        _holders = new int[blocks];
        _free = new int[blocks];
        for (var i = 0; i < blocks; i++)
        {
            // A stack that hands out low ids first, so that a small load touches little memory.
            _free[i] = blocks - 1 - i;
        }

        Free = blocks;
    }

    public int Total => _holders.Length;

    public int Free { get; private set; }

    public int Used => Total - Free;

    /// <summary>How many blocks hold <paramref name="positions"/> positions.</summary>
    public static int BlocksFor(int positions) => (positions + KVCache.BlockSize - 1) / KVCache.BlockSize;

    /// <summary>A block with one holder; false when none is free.</summary>
    public bool TryAllocate(out int block)
    {
        if (Free == 0)
        {
            block = -1;
            return false;
        }

        block = _free[--Free];
        _holders[block] = 1;
        return true;
    }

    /// <summary>One more holder of a block in use.</summary>
    public void Share(int block)
    {
        RequireHeld(block);
        _holders[block]++;
    }

    /// <summary>One holder less; the last one frees the block.</summary>
    public void Release(int block)
    {
        RequireHeld(block);
        if (--_holders[block] == 0)
        {
            _free[Free++] = block;
        }
    }

    /// <summary>How many hold the block; 0 when it is free.</summary>
    public int HoldersOf(int block) => _holders[block];

    private void RequireHeld(int block)
    {
        if ((uint)block >= (uint)Total || _holders[block] == 0)
        {
            throw new InvalidOperationException($"Block {block} of {Total} is not in use; it was released twice or never allocated.");
        }
    }
}
