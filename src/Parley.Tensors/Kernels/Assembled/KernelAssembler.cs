using Iced.Intel;
using static Iced.Intel.AssemblerRegisters;

namespace Parley.Tensors.Kernels;

/// <summary>
/// Turns emitted instructions into a callable leaf function of the System V convention: first argument in rdi, only caller-saved registers
/// (rax, rcx, rdx, rsi, rdi, r8 to r11, every zmm and k register), hence no prologue and no stack.
/// </summary>
internal static class KernelAssembler
{
    /// <summary>zmm registers by number.</summary>
    public static readonly AssemblerRegisterZMM[] Zmm =
    [
        zmm0, zmm1, zmm2, zmm3, zmm4, zmm5, zmm6, zmm7, zmm8, zmm9, zmm10, zmm11, zmm12, zmm13, zmm14, zmm15,
        zmm16, zmm17, zmm18, zmm19, zmm20, zmm21, zmm22, zmm23, zmm24, zmm25, zmm26, zmm27, zmm28, zmm29, zmm30, zmm31,
    ];

    /// <summary>Emits, adds the return, and makes the code executable.</summary>
    /// <exception cref="PlatformNotSupportedException">The system refuses.</exception>
    public static ExecutablePages Assemble(Action<Assembler> emit) =>
        TryAssemble(emit, out string? refusal) ?? throw new PlatformNotSupportedException($"No kernel can be assembled: {refusal}.");

    /// <summary>As <see cref="Assemble"/>, or null and the reason.</summary>
    public static ExecutablePages? TryAssemble(Action<Assembler> emit, out string? refusal) =>
        ExecutablePages.TryCreate(Encode(emit), out refusal);

    private static byte[] Encode(Action<Assembler> emit)
    {
        Assembler code = new(bitness: 64);
        emit(code);
        code.vzeroupper();
        code.ret();
        using MemoryStream stream = new();
        code.Assemble(new StreamCodeWriter(stream), rip: 0);
        return stream.ToArray();
    }
}
