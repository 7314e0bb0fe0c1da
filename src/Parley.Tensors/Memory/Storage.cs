namespace Parley.Tensors;

/// <summary>
/// A piece of memory outside the managed heap that tensors point into: owned pages or a mapped file. It counts its
/// holders and frees itself when the last one lets go; after that <see cref="Pointer"/> throws. There is no finaliser:
/// a kernel works on bare pointers, so only an explicit release can be known to be safe.
/// </summary>
internal abstract unsafe class Storage
{
    private byte* _pointer;
    private int _holders = 1;

    protected Storage(byte* pointer, long byteCount)
    {
        _pointer = pointer;
        ByteCount = byteCount;
    }

    public long ByteCount { get; }

    public abstract bool ReadOnly { get; }

    public byte* Pointer
    {
        get
        {
            byte* pointer = _pointer;
            return pointer != null ? pointer : throw new ObjectDisposedException(nameof(Tensor), "The memory of this tensor was freed.");
        }
    }

    public void AddHolder() => ObjectDisposedException.ThrowIf(!TryAddHolder(), this);

    /// <summary>False when the memory is freed already.</summary>
    public bool TryAddHolder()
    {
        int holders;
        do
        {
            holders = Volatile.Read(ref _holders);
            if (holders == 0)
            {
                return false;
            }
        }
        while (Interlocked.CompareExchange(ref _holders, holders + 1, holders) != holders);
        return true;
    }

    public void Release()
    {
        if (Interlocked.Decrement(ref _holders) == 0)
        {
            byte* pointer = _pointer;
            _pointer = null;
            Free(pointer);
        }
    }

    /// <summary>Says that a range will hardly be read again; pages of a file may then leave this process until they are.</summary>
    public virtual void Drop(byte* start, long bytes)
    {
    }

    protected abstract void Free(byte* pointer);
}
