using Parley.Tensors;

namespace Parley.Inference;

/// <summary>
/// Which blocks of the KV cache are free and how many sequences hold each of the others. A block may be kept for its contents: without a
/// holder it lies idle, counts as free, and is given away only when no other is left, the longest idle first. It knows no sequence, no token
/// and no memory; a block with more than one holder is a shared prefix and must not be written to. One thread only.
/// </summary>
internal sealed class BlockAllocator
{
    private readonly int[] _free;
    private readonly int[] _holders;
    private readonly bool[] _kept;
    private readonly IdleBlocks _idle;
    private int _empty;

    public BlockAllocator(int blocks)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(blocks);
        (_holders, _kept, _idle, _free) = (new int[blocks], new bool[blocks], new IdleBlocks(blocks), new int[blocks]);
        for (var i = 0; i < blocks; i++)
        {
            // A stack that hands out low ids first, so that a small load touches little memory.
            _free[i] = blocks - 1 - i;
        }

        _empty = blocks;
    }

    public int Total => _holders.Length;

    /// <summary>Blocks without a holder, idle ones counted.</summary>
    public int Free => _empty + _idle.Count;

    public int Used => Total - Free;

    /// <summary>Blocks without a holder whose contents are still kept.</summary>
    public int Idle => _idle.Count;

    /// <summary>Told of each idle block whose contents are given up because it is needed.</summary>
    public Action<int>? Evicted { get; set; }

    /// <summary>How many blocks hold <paramref name="positions"/> positions.</summary>
    public static int BlocksFor(int positions) => (positions + KVCache.BlockSize - 1) / KVCache.BlockSize;

    /// <summary>A block with one holder; false when none is free.</summary>
    public bool TryAllocate(out int block)
    {
        if (_empty > 0)
        {
            block = _free[--_empty];
        }
        else if (_idle.Count > 0)
        {
            block = _idle.TakeOldest();
            _kept[block] = false;
            Evicted?.Invoke(block);
        }
        else
        {
            block = -1;
            return false;
        }

        _holders[block] = 1;
        return true;
    }

    /// <summary>One more holder of a block that is in use or idle.</summary>
    public void Share(int block)
    {
        if ((uint)block < (uint)Total && _kept[block] && _holders[block] == 0)
        {
            _idle.Remove(block);
        }
        else
        {
            RequireHeld(block);
        }

        _holders[block]++;
    }

    /// <summary>From now on the contents of a block in use outlive its holders.</summary>
    public void Keep(int block)
    {
        RequireHeld(block);
        _kept[block] = true;
    }

    /// <summary>One holder less; without any the block is idle or free.</summary>
    public void Release(int block)
    {
        RequireHeld(block);
        if (--_holders[block] > 0)
        {
            return;
        }

        if (_kept[block])
        {
            _idle.Add(block);
        }
        else
        {
            _free[_empty++] = block;
        }
    }

    /// <summary>How many hold the block; 0 when it is free or idle.</summary>
    public int HoldersOf(int block) => (uint)block < (uint)Total ? _holders[block] : 0;

    private void RequireHeld(int block)
    {
        if (HoldersOf(block) == 0)
        {
            throw new InvalidOperationException($"Block {block} of {Total} is not in use; it was released twice or never allocated.");
        }
    }
}
