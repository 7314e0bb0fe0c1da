using System.Numerics;
using System.Runtime.InteropServices;
using Parley.Tensors;

namespace Parley.Inference;

/// <summary>
/// Finds the cache blocks that already hold the beginning of a sequence. A whole block of 16 tokens is known by the block before it and its
/// tokens; the chain begins at a root that stands for the weights and the adapter's contents. A hash finds a block, but only equal tokens and the same block before it make
/// a hit. Arithmetic, kernel set and cache type are one engine's own and never mix here. One thread only.
/// </summary>
internal sealed class PrefixCache
{
    private const int Size = KVCache.BlockSize;
    private const int MostAdapterRoots = 4096; // far more than are ever loaded; what is forgotten is only not found again

    private readonly BlockAllocator _blocks;
    private readonly ulong _hashMask;
    private readonly Dictionary<ulong, int> _byHash;
    private readonly Entry[] _entries;
    private readonly int[] _tokens;
    private readonly Dictionary<string, long> _adapterRoots = new(StringComparer.Ordinal);
    private long _lastId;
    private long _root;

    /// <param name="blocks">Whose blocks these are; tells of evictions.</param>
    /// <param name="hashMask">Which bits of a hash are looked at; fewer in a test that wants collisions.</param>
    public PrefixCache(BlockAllocator blocks, ulong hashMask = ulong.MaxValue)
    {
        (_blocks, _hashMask) = (blocks, hashMask);
        (_byHash, _entries, _tokens) = (new(blocks.Total), new Entry[blocks.Total], new int[blocks.Total * Size]);
        blocks.Evicted = block => _byHash.Remove(_entries[block].Hash);
    }

    /// <summary>Tokens of newcomers that were looked up.</summary>
    public long Queries { get; private set; }

    /// <summary>Tokens of newcomers that were found.</summary>
    public long Hits { get; private set; }

    /// <summary>The weights have changed: nothing known so far is found again. It ages out as blocks are needed.</summary>
    public void ChangeWeights()
    {
        _root = ++_lastId;
        _adapterRoots.Clear();
    }

    /// <summary>Gives a sequence without blocks those that hold its beginning, yet leaves at least one token to compute: its logits are wanted.</summary>
    public void Attach(Sequence sequence)
    {
        if (sequence.Pool is { NeedsAllRows: true })
        {
            return; // the cache has keys and values; what is pooled would be missing
        }

        // The row before the first token to score has its logits, and must be computed as the last row of every prompt.
        var end = sequence.Scores is { IsDone: false } scores ? scores.Next : sequence.Length;
        var parent = RootOf(sequence);
        for (var start = 0; start + Size < end; start += Size)
        {
            var tokens = sequence.Tokens.Slice(start, Size);
            if (!_byHash.TryGetValue(Hash(parent, tokens), out var block) || !IsAt(block, parent, tokens))
            {
                return;
            }

            _blocks.Share(block);
            parent = _entries[block].Id;
            sequence.TakeShared(block, parent);
        }
    }

    /// <summary>Counts a lookup that led to admission.</summary>
    public void Count(Sequence sequence)
    {
        Queries += sequence.Length;
        Hits += sequence.Computed;
    }

    /// <summary>
    /// Makes the blocks that the last step filled known. Where an equal block is known already, the sequence goes over to it and gives its own
    /// back: both hold the same bits.
    /// </summary>
    public void Keep(Sequence sequence)
    {
        while (sequence.NextToKeep is { } index)
        {
            var tokens = sequence.Tokens.Slice(index * Size, Size);
            var parent = index == 0 ? RootOf(sequence) : sequence.LastKept;
            var hash = Hash(parent, tokens);
            if (!_byHash.TryGetValue(hash, out var known))
            {
                sequence.Kept(Add(parent, hash, tokens, sequence.Blocks.Span[index]));
            }
            else if (IsAt(known, parent, tokens))
            {
                Unite(sequence, index, known);
            }
            else
            {
                // Another block has this hash. What follows could only be found through this one, so the chain ends here.
                sequence.EndChain();
            }
        }
    }

    // By contents, not by name: an adapter loaded again under its name with other numbers has another root, the same one under two names has one.
    private long RootOf(Sequence sequence)
    {
        if (sequence.Request.Adapter is not { } adapter)
        {
            return _root;
        }

        if (!_adapterRoots.TryGetValue(adapter.Id, out var root))
        {
            if (_adapterRoots.Count == MostAdapterRoots)
            {
                _adapterRoots.Clear();
            }

            _adapterRoots.Add(adapter.Id, root = ++_lastId);
        }

        return root;
    }

    private long Add(long parent, ulong hash, ReadOnlySpan<int> tokens, int block)
    {
        _blocks.Keep(block);
        _byHash.Add(hash, block);
        _entries[block] = new(hash, ++_lastId, parent);
        tokens.CopyTo(_tokens.AsSpan(block * Size));
        return _lastId;
    }

    private void Unite(Sequence sequence, int index, int known)
    {
        var own = sequence.Blocks.Span[index];
        if (own != known)
        {
            _blocks.Share(known);
            sequence.ReplaceBlock(index, known);
            _blocks.Release(own);
        }

        sequence.Kept(_entries[known].Id);
    }

    // Ids are never used twice, so a block whose parent was evicted can no longer be reached.
    private bool IsAt(int block, long parent, ReadOnlySpan<int> tokens) =>
        _entries[block].Parent == parent && tokens.SequenceEqual(_tokens.AsSpan(block * Size, Size));

    private ulong Hash(long parent, ReadOnlySpan<int> tokens)
    {
        var hash = (ulong)parent;
        foreach (var pair in MemoryMarshal.Cast<int, ulong>(tokens))
        {
            hash = BitOperations.RotateLeft((hash ^ pair) * 0x9E3779B97F4A7C15, 29) * 0xBF58476D1CE4E5B9;
        }

        return (hash ^ (hash >> 32)) & _hashMask;
    }

    private readonly record struct Entry(ulong Hash, long Id, long Parent);
}
