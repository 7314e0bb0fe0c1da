using System.IO.MemoryMappedFiles;
using System.Runtime.InteropServices;

namespace Parley.Tensors;

/// <summary>
/// A file mapped read-only into memory. Tensors made by <see cref="Tensor.Map"/> keep the mapping alive: the pages go
/// when this object and every such tensor are disposed. It knows nothing of any file format.
/// </summary>
public sealed unsafe partial class MappedFile : IDisposable
{
    private readonly Pages _pages;
    private int _disposed;

    private MappedFile(string path, Pages pages) => (Path, _pages) = (path, pages);

    public string Path { get; }

    public long Length => _pages.ByteCount;

    internal Storage Storage
    {
        get
        {
            ObjectDisposedException.ThrowIf(_disposed != 0, this);
            return _pages;
        }
    }

    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="InvalidDataException">The file is empty.</exception>
    public static MappedFile Open(string path)
    {
        FileStream stream = new(path, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 0);
        MemoryMappedFile? file = null;
        try
        {
            if (stream.Length == 0)
            {
                throw new InvalidDataException($"The file '{path}' is empty; copy or download it again.");
            }

            file = MemoryMappedFile.CreateFromFile(stream, null, 0, MemoryMappedFileAccess.Read, HandleInheritability.None, leaveOpen: false);
            return new MappedFile(path, new Pages(file, stream.Length));
        }
        catch
        {
            file?.Dispose();
            stream.Dispose();
            throw;
        }
    }

    /// <summary>Bytes of the file, valid while the mapping lives.</summary>
    /// <exception cref="InvalidDataException">The range reaches past the end: the file is shorter than it says.</exception>
    public ReadOnlySpan<byte> Slice(long offset, int length)
    {
        RequireRange(offset, length);
        return new ReadOnlySpan<byte>(Storage.Pointer + offset, length);
    }

    public void Dispose()
    {
        if (Interlocked.Exchange(ref _disposed, 1) == 0)
        {
            _pages.Release();
        }
    }

    internal void RequireRange(long offset, long length)
    {
        if (offset < 0 || length < 0 || offset > Length - length)
        {
            throw new InvalidDataException(
                $"The file '{Path}' has {Length} bytes, but bytes {offset} to {offset + length} are needed; it is truncated, copy or download it again.");
        }
    }

    private sealed partial class Pages : Storage
    {
        private const int DontNeed = 4; // MADV_DONTNEED of <sys/mman.h>

        private readonly MemoryMappedFile _file;
        private readonly MemoryMappedViewAccessor _view;

        public Pages(MemoryMappedFile file, long length)
            : this(file, file.CreateViewAccessor(0, length, MemoryMappedFileAccess.Read), length)
        {
        }

        private Pages(MemoryMappedFile file, MemoryMappedViewAccessor view, long length)
            : base(Acquire(view), length) => (_file, _view) = (file, view);

        public override bool ReadOnly => true;

        // The mapping is read-only, so a page that is still needed is only read again: neighbours' bytes on the outer pages may go too.
        public override void Drop(byte* start, long bytes)
        {
            if (OperatingSystem.IsLinux() && bytes > 0)
            {
                nuint page = (nuint)Environment.SystemPageSize;
                nuint first = (nuint)start & ~(page - 1);
                _ = Advise((void*)first, (nuint)start + (nuint)bytes - first, DontNeed);
            }
        }

        protected override void Free(byte* pointer)
        {
            _view.SafeMemoryMappedViewHandle.ReleasePointer();
            _view.Dispose();
            _file.Dispose();
        }

        private static byte* Acquire(MemoryMappedViewAccessor view)
        {
            byte* pointer = null;
            view.SafeMemoryMappedViewHandle.AcquirePointer(ref pointer);
            return pointer + view.PointerOffset;
        }

        [LibraryImport("libc", EntryPoint = "madvise")]
        private static partial int Advise(void* address, nuint length, int advice);
    }
}
