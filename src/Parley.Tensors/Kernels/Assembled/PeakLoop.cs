using Iced.Intel;
using static Iced.Intel.AssemblerRegisters;

namespace Parley.Tensors.Kernels;

/// <summary>
/// A loop of nothing but multiply-adds on registers, to learn what the units give at most: as many independent chains as hide the latency of two
/// units. The function's argument is the number of rounds.
/// </summary>
internal static class PeakLoop
{
    public const int Chains = 24;

    public static void Integers(Assembler code) => Emit(code, static (code, sum, a, b) => code.vpdpbusd(sum, a, b));

    public static void BFloat16(Assembler code) => Emit(code, static (code, sum, a, b) => code.vdpbf16ps(sum, a, b));

    private static void Emit(Assembler code, Action<Assembler, AssemblerRegisterZMM, AssemblerRegisterZMM, AssemblerRegisterZMM> multiplyAdd)
    {
        foreach (AssemblerRegisterZMM register in KernelAssembler.Zmm)
        {
            code.vpxord(register, register, register);
        }

        Label round = code.CreateLabel();
        code.Label(ref round);
        for (int chain = 0; chain < Chains; chain++)
        {
            multiplyAdd(code, KernelAssembler.Zmm[31 - chain], zmm0, zmm1);
        }

        code.dec(rdi);
        code.jne(round);
    }
}
