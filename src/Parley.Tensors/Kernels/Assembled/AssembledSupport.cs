using System.Runtime.InteropServices;
using System.Runtime.Intrinsics.X86;
using static Iced.Intel.AssemblerRegisters;

namespace Parley.Tensors.Kernels;

/// <summary>
/// Whether this machine runs assembled kernels: a 64-bit x86 with AVX-512 F, BW, VL, VNNI and BF16, the System V calling convention, and
/// a system that lets a process make code. Asked once; the answer is kept.
/// </summary>
internal static unsafe class AssembledSupport
{
    private static readonly Lazy<string?> Refusal = new(Probe);

    public static bool IsAvailable => Reason is null;

    /// <summary>Why there are no assembled kernels here, or null when there are.</summary>
    public static string? Reason => Refusal.Value;

    private static string? Probe()
    {
        if (RuntimeInformation.ProcessArchitecture != Architecture.X64 || OperatingSystem.IsWindows())
        {
            return "assembled kernels are for 64-bit x86 under Linux or macOS";
        }

        // The runtime's own answer covers the registers that the system must save, and DOTNET_EnableAVX512=0.
        if (!Avx512F.IsSupported || !Avx512BW.VL.IsSupported)
        {
            return "the processor, or the runtime's configuration, has no AVX-512 F, BW and VL";
        }

        if (!HasVnni())
        {
            return "the processor has no AVX512-VNNI";
        }

        return HasBFloat16() ? TryCall() : "the processor has no AVX512-BF16";
    }

    // CPUID leaf 7: sub-leaf 0 ECX bit 11, and sub-leaf 1 EAX bit 5.
    private static bool HasVnni() => (X86Base.CpuId(7, 0).Ecx & 1 << 11) != 0;

    private static bool HasBFloat16() => X86Base.CpuId(7, 0).Eax >= 1 && (X86Base.CpuId(7, 1).Eax & 1 << 5) != 0;

    private static string? TryCall()
    {
        using ExecutablePages? pages = KernelAssembler.TryAssemble(code => code.lea(rax, __[rdi + 1]), out string? refusal);
        if (pages is null)
        {
            return refusal;
        }

        delegate* unmanaged<nint, nint> next = (delegate* unmanaged<nint, nint>)pages.Address;
        return next(41) == 42 ? null : "a first assembled function gave a wrong answer";
    }
}
