using System.Runtime.InteropServices;

namespace Parley.Tensors;

/// <summary>
/// A dense row-major array of numbers in memory outside the managed heap. An allocated tensor owns its memory until
/// <see cref="Dispose"/>; a view (<see cref="Rows"/>, <see cref="Reshape"/>) shares it and never frees it; an arena's
/// tensor lives until the arena's reset. Knows no arithmetic: that is <see cref="Device"/>'s.
/// </summary>
public sealed unsafe class Tensor : IDisposable
{
    private Storage _storage;
    private long _byteOffset;
    private int _released; // 0 while this tensor holds the storage or borrows it

    private Tensor(Storage storage, long byteOffset, Shape shape, DType type, bool holder)
    {
        (_storage, _byteOffset, Shape, DType, IsView) = (storage, byteOffset, shape, type, !holder);
    }

    public Shape Shape { get; private set; }

    public DType DType { get; private set; }

    /// <summary>True when another tensor, or an arena, owns the memory.</summary>
    public bool IsView { get; }

    /// <summary>Bytes of storage.</summary>
    public long ByteCount => DTypes.ByteCount(DType, Shape.Count);

    internal byte* Address
    {
        get
        {
            ObjectDisposedException.ThrowIf(_released != 0, this);
            return _storage.Pointer + _byteOffset;
        }
    }

    /// <summary>The elements of an F32 tensor.</summary>
    internal float* Pointer => DType == DType.F32
        ? (float*)Address
        : throw new InvalidOperationException($"This operation needs an F32 tensor, not {DType} {Shape}; convert it first.");

    /// <summary>A zeroed tensor that owns its memory, 64-byte aligned.</summary>
    public static Tensor Allocate(Shape shape, DType type = DType.F32)
    {
        RequireBlocks(shape, type);
        return new Tensor(NativePages.Allocate(DTypes.ByteCount(type, shape.Count)), 0, shape, type, holder: true);
    }

    /// <summary>As <see cref="Allocate"/>, for what lives as long as its model: it may share large pages with others of its kind.</summary>
    public static Tensor AllocateLongLived(Shape shape, DType type = DType.F32)
    {
        RequireBlocks(shape, type);
        (Storage storage, long offset) = SharedPages.Take(DTypes.ByteCount(type, shape.Count));
        Tensor tensor = new(storage, offset, shape, type, holder: true);
        NativeMemory.Clear(tensor.Address, (nuint)tensor.ByteCount);
        return tensor;
    }

    public static Tensor FromHost(Shape shape, ReadOnlySpan<float> values)
    {
        RequireCount(shape, values.Length);
        Tensor tensor = Allocate(shape);
        tensor.CopyFrom(values);
        return tensor;
    }

    /// <summary>A read-only tensor over bytes of a mapped file, which stays mapped as long as this tensor lives.</summary>
    /// <exception cref="InvalidDataException">The file is too short.</exception>
    public static Tensor Map(MappedFile file, long offset, Shape shape, DType type)
    {
        RequireBlocks(shape, type);
        file.RequireRange(offset, DTypes.ByteCount(type, shape.Count));
        Storage storage = file.Storage;
        storage.AddHolder();
        return new Tensor(storage, offset, shape, type, holder: true);
    }

    internal static Tensor Borrow(Storage storage, long byteOffset, Shape shape, DType type) =>
        new(storage, byteOffset, shape, type, holder: false);

    /// <summary>Points an arena's tensor object at new memory, so that a steady state allocates no managed object.</summary>
    internal void Rebind(Storage storage, long byteOffset, Shape shape, DType type) =>
        (_storage, _byteOffset, Shape, DType, _released) = (storage, byteOffset, shape, type, 0);

    internal (Storage Storage, long ByteOffset) Place
    {
        get
        {
            _ = Address;
            return (_storage, _byteOffset);
        }
    }

    /// <summary>A view of <paramref name="count"/> entries of axis 0 from <paramref name="first"/> on.</summary>
    public Tensor Rows(int first, int count)
    {
        (Shape shape, long bytes) = RowRange(first, count);
        _ = Address;
        return Borrow(_storage, _byteOffset + bytes, shape, DType);
    }

    /// <summary>A view with other extents and the same number of elements.</summary>
    public Tensor Reshape(Shape shape)
    {
        RequireSameCount(shape);
        _ = Address;
        return Borrow(_storage, _byteOffset, shape, DType);
    }

    /// <summary>The elements of an F32 tensor; on the CPU device the memory itself, valid until it is disposed or reset.</summary>
    public ReadOnlySpan<float> ToHost() => new(Pointer, checked((int)Shape.Count));

    /// <summary>A copy of the elements as floats, whatever the storage type.</summary>
    public float[] ToArray()
    {
        float[] values = new float[Shape.Count];
        DTypes.Decode(DType, Bytes, values);
        return values;
    }

    /// <summary>Overwrites all elements, converting to the storage type.</summary>
    public void CopyFrom(ReadOnlySpan<float> values)
    {
        RequireCount(Shape, values.Length);
        DTypes.Encode(DType, values, Writable());
    }

    /// <summary>Overwrites all elements with another tensor's; the shapes hold equally many, the types may differ.</summary>
    public void CopyFrom(Tensor source)
    {
        RequireSameCount(source.Shape);
        if (source.DType == DType)
        {
            Buffer.MemoryCopy(source.Address, WritableAddress(), ByteCount, ByteCount);
        }
        else if (source.DType == DType.F32)
        {
            CopyFrom(source.ToHost());
        }
        else if (DType == DType.F32)
        {
            DTypes.Decode(source.DType, source.Bytes, new Span<float>(WritableAddress(), checked((int)Shape.Count)));
        }
        else
        {
            CopyFrom(source.ToArray());
        }
    }

    public void Fill(float value)
    {
        if (DType == DType.F32)
        {
            WritableFloats().Fill(value);
        }
        else
        {
            float[] values = new float[Shape.Count];
            values.AsSpan().Fill(value);
            CopyFrom(values);
        }
    }

    /// <summary>The stored bytes, little-endian.</summary>
    public ReadOnlySpan<byte> Bytes => new(Address, checked((int)ByteCount));

    public void CopyFromBytes(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length != ByteCount)
        {
            throw new ArgumentException($"A {DType} tensor {Shape} takes {ByteCount} bytes, not {bytes.Length}.", nameof(bytes));
        }

        bytes.CopyTo(Writable());
    }

    /// <summary>
    /// Says that the elements will hardly be read again: pages of a mapped file leave this process until they are. Memory of its own is untouched.
    /// </summary>
    public void Drop() => _storage.Drop(Address, ByteCount);

    /// <summary>Frees the memory if this tensor owns it. Disposing twice is harmless; a view's disposal frees nothing.</summary>
    public void Dispose()
    {
        if (!IsView && Interlocked.Exchange(ref _released, 1) == 0)
        {
            _storage.Release();
        }
    }

    public override string ToString() => $"{DType} {Shape}";

    internal Span<float> WritableFloats() =>
        new(DType == DType.F32 ? WritableAddress() : Pointer, checked((int)Shape.Count));

    internal (Shape Shape, long Bytes) RowRange(int first, int count)
    {
        if (first < 0 || count < 0 || first > Shape[0] - count)
        {
            throw new ArgumentOutOfRangeException(nameof(first), $"Rows {first} to {first + count} are not in {Shape}.");
        }

        long row = Shape[0] == 0 ? 0 : Shape.Count / Shape[0];
        Shape shape = Shape.Rank switch
        {
            1 => new Shape(count),
            2 => new Shape(count, Shape[1]),
            3 => new Shape(count, Shape[1], Shape[2]),
            _ => new Shape(count, Shape[1], Shape[2], Shape[3]),
        };
        return (shape, DTypes.ByteCount(DType, row * first));
    }

    internal void RequireSameCount(Shape shape)
    {
        if (shape.Count != Shape.Count)
        {
            throw new ArgumentException($"A tensor {Shape} has {Shape.Count} elements, {shape} has {shape.Count}.", nameof(shape));
        }
    }

    private static void RequireCount(Shape shape, int count)
    {
        if (shape.Count != count)
        {
            throw new ArgumentException($"A tensor {shape} has {shape.Count} elements, but {count} values were given.", nameof(count));
        }
    }

    private static void RequireBlocks(Shape shape, DType type)
    {
        if (shape.Last % DTypes.BlockLength(type) != 0)
        {
            throw new ArgumentException($"{type} needs rows of a multiple of {DTypes.BlockLength(type)} elements; {shape} has {shape.Last}.", nameof(shape));
        }
    }

    private byte* WritableAddress() => !_storage.ReadOnly
        ? Address
        : throw new InvalidOperationException($"The tensor {Shape} is mapped from a file and read-only; copy it first.");

    private Span<byte> Writable() => new(WritableAddress(), checked((int)ByteCount));
}
