using System.ComponentModel;
using System.Runtime.InteropServices;

namespace Parley.Tensors.Kernels;

/// <summary>
/// Machine code in pages of its own: mapped writable, filled, then turned to readable and executable, so that no page is ever both
/// writable and executable. Systems that refuse this (hardened kernels, other platforms) are told apart by <see cref="TryCreate"/>.
/// </summary>
internal sealed unsafe partial class ExecutablePages : IDisposable
{
    private const int Readable = 1, Writable = 2, Executable = 4; // PROT_* of <sys/mman.h>
    private const int PrivateAnonymousOnLinux = 0x22, PrivateAnonymousOnMac = 0x1002;

    private readonly nuint _length;
    private void* _pointer;

    private ExecutablePages(void* pointer, nuint length)
    {
        _pointer = pointer;
        _length = length;
    }

    /// <summary>The first instruction; 0 once disposed.</summary>
    public nint Address => (nint)_pointer;

    /// <summary>Pages that hold <paramref name="code"/>, which must not depend on where it lies; or null and what the system said.</summary>
    public static ExecutablePages? TryCreate(ReadOnlySpan<byte> code, out string? refusal)
    {
        refusal = null;
        if (OperatingSystem.IsWindows())
        {
            refusal = "executable pages are made on Linux and macOS only";
            return null;
        }

        nuint page = (nuint)Environment.SystemPageSize;
        nuint length = ((nuint)code.Length + page - 1) / page * page;
        int flags = OperatingSystem.IsMacOS() ? PrivateAnonymousOnMac : PrivateAnonymousOnLinux;
        void* pointer = Map(null, length, Readable | Writable, flags, -1, 0);
        if (pointer == (void*)-1)
        {
            refusal = $"the system gives no memory for code ({LastError()})";
            return null;
        }

        code.CopyTo(new Span<byte>(pointer, code.Length));
        if (Protect(pointer, length, Readable | Executable) != 0)
        {
            refusal = $"the system refuses executable pages ({LastError()})";
            _ = Unmap(pointer, length);
            return null;
        }

        return new ExecutablePages(pointer, length);
    }

    public void Dispose()
    {
        if (_pointer != null)
        {
            _ = Unmap(_pointer, _length);
            _pointer = null;
        }
    }

    private static string LastError() => new Win32Exception(Marshal.GetLastPInvokeError()).Message;

    [LibraryImport("libc", EntryPoint = "mmap", SetLastError = true)]
    private static partial void* Map(void* address, nuint length, int protection, int flags, int descriptor, nint offset);

    [LibraryImport("libc", EntryPoint = "mprotect", SetLastError = true)]
    private static partial int Protect(void* address, nuint length, int protection);

    [LibraryImport("libc", EntryPoint = "munmap", SetLastError = true)]
    private static partial int Unmap(void* address, nuint length);
}
