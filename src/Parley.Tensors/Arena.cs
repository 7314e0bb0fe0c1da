namespace Parley.Tensors;

/// <summary>
/// A bump allocator for the activations of one step. <see cref="Reset"/> takes back all memory and the tensor objects
/// themselves, so a steady-state step allocates nothing: whoever keeps a tensor over a reset reads someone else's
/// numbers. <see cref="Release"/> does the same for what was taken since a <see cref="Mark"/>. Not thread-safe.
/// </summary>
public sealed class Arena : IDisposable
{
    private const long SmallestBlock = 4 << 20;
    private const int Alignment = 64;

    private readonly List<Storage> _blocks = [];
    private readonly List<Tensor> _tensors = [];
    private int _block;
    private long _offset;
    private int _taken;
    private bool _disposed;

    /// <summary>Bytes held from the system, used or not.</summary>
    public long CapacityBytes => _blocks.Sum(block => block.ByteCount);

    /// <summary>Bytes handed out since the last reset and not taken back, gaps at the ends of blocks included.</summary>
    public long UsedBytes => _blocks.Take(_block).Sum(block => block.ByteCount) + _offset;

    /// <summary>A tensor with unspecified contents (zeroed on request), valid until <see cref="Reset"/>.</summary>
    public Tensor Take(Shape shape, DType type = DType.F32, bool zeroed = false)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        long bytes = (DTypes.ByteCount(type, shape.Count) + Alignment - 1) / Alignment * Alignment;
        while (_block < _blocks.Count && _blocks[_block].ByteCount - _offset < bytes)
        {
            (_block, _offset) = (_block + 1, 0);
        }

        if (_block == _blocks.Count)
        {
            // Doubling keeps the number of blocks small whatever the first step needs.
            _blocks.Add(NativePages.Allocate(Math.Max(bytes, Math.Max(SmallestBlock, CapacityBytes)), zeroed: false));
        }

        Tensor tensor = Bind(_blocks[_block], _offset, shape, type);
        _offset += bytes;
        if (zeroed)
        {
            Clear(tensor);
        }

        return tensor;
    }

    /// <summary>A view of rows of any tensor, as <see cref="Tensor.Rows"/>, with a recycled tensor object.</summary>
    public Tensor Rows(Tensor source, int first, int count)
    {
        (Shape shape, long bytes) = source.RowRange(first, count);
        (Storage storage, long offset) = source.Place;
        return Bind(storage, offset + bytes, shape, source.DType);
    }

    /// <summary>A view with other extents, as <see cref="Tensor.Reshape"/>, with a recycled tensor object.</summary>
    public Tensor Reshape(Tensor source, Shape shape)
    {
        source.RequireSameCount(shape);
        (Storage storage, long offset) = source.Place;
        return Bind(storage, offset, shape, source.DType);
    }

    /// <summary>Where the next tensor would go, for <see cref="Release"/>.</summary>
    public ArenaMark Mark() => new(_block, _offset, _taken);

    /// <summary>Takes back what was handed out since the mark; those tensors must no longer be used.</summary>
    /// <exception cref="ArgumentException">The mark lies ahead: the arena was reset, or released to an earlier mark, since.</exception>
    public void Release(ArenaMark mark)
    {
        if (mark.Taken > _taken) throw new ArgumentException("This mark is older than the arena's last reset; take a new one.", nameof(mark));
        (_block, _offset, _taken) = (mark.Block, mark.Offset, mark.Taken);
    }

    /// <summary>Takes everything back. Tensors handed out before must no longer be used.</summary>
    public void Reset() => (_block, _offset, _taken) = (0, 0, 0);

    public void Dispose()
    {
        if (!_disposed)
        {
            _disposed = true;
            _blocks.ForEach(block => block.Release());
        }
    }

    private static unsafe void Clear(Tensor tensor) => new Span<byte>(tensor.Address, checked((int)tensor.ByteCount)).Clear();

    private Tensor Bind(Storage storage, long offset, Shape shape, DType type)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        if (_taken == _tensors.Count)
        {
            _tensors.Add(Tensor.Borrow(storage, offset, shape, type));
        }
        else
        {
            _tensors[_taken].Rebind(storage, offset, shape, type);
        }

        return _tensors[_taken++];
    }
}

/// <summary>A place in an arena, up to which it can be taken back.</summary>
public readonly record struct ArenaMark
{
    internal ArenaMark(int block, long offset, int taken) => (Block, Offset, Taken) = (block, offset, taken);

    internal int Block { get; }

    internal long Offset { get; }

    internal int Taken { get; }
}
