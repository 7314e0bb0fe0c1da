using Iced.Intel;
using static Iced.Intel.AssemblerRegisters;

namespace Parley.Tensors.Kernels;

/// <summary>
/// Writes the tile of G groups by T tokens on <c>vdpbf16ps</c>: G x T accumulators, G loads of weights and T broadcasts of an activation
/// pair a step. Each output element is one chain over the pairs in order, so neither the tile nor the cut of the depth shows in a result.
/// </summary>
internal sealed class BFloat16TileEmitter(int groups, int tokens)
{
    private const int Line = BFloat16Panels.Line;

    // Short steps are _unrolled further, so that the loop's own instructions do not show.
    private readonly int _unroll = groups * tokens <= 8 ? 4 : 2;

    private readonly AssemblerRegister64 _arguments = rdi, _weights = rsi, _stride = rax, _stride3 = r10, _activations = rdx, _pairs = rcx;
    private readonly AssemblerRegister64 _output = r8, _outputStride = r9, _bias = r11, _next = r11;
    private bool _prefetch;

    public void Emit(Assembler code)
    {
        LoadArguments(code);
        Begin(code);
        Label plain = code.CreateLabel(), done = code.CreateLabel();
        code.cmp(__qword_ptr[_arguments + 72], 0);
        code.je(plain);
        NextGroups(code);
        Loop(code, done, prefetch: true);
        code.jmp(done);
        code.Label(ref plain);
        Loop(code, done, prefetch: false);
        code.Label(ref done);
        code.mov(_bias, __[_arguments + 48]);
        Finish(code);
    }

    private void NextGroups(Assembler code)
    {
        code.mov(_next, _weights);
        for (int group = 0; group < groups; group++)
        {
            code.add(_next, _stride);
        }
    }

    private AssemblerRegisterZMM Accumulator(int group, int token) => KernelAssembler.Zmm[31 - (token * groups + group)];

    private AssemblerRegisterZMM Weight(int group) => KernelAssembler.Zmm[group];

    private void LoadArguments(Assembler code)
    {
        code.mov(_weights, __[_arguments]);
        code.mov(_stride, __[_arguments + 8]);
        code.lea(_stride3, __[_stride + _stride * 2]);
        code.mov(_activations, __[_arguments + 16]);
        code.mov(_pairs, __[_arguments + 24]);
        code.mov(_output, __[_arguments + 32]);
        code.mov(_outputStride, __[_arguments + 40]);
        code.kmovw(k1, __[_arguments + 56]);
    }

    private void Begin(Assembler code)
    {
        Label fresh = code.CreateLabel(), ready = code.CreateLabel();
        code.cmp(__qword_ptr[_arguments + 64], 0);
        code.je(fresh);
        for (int token = 0; token < tokens; token++)
        {
            for (int group = 0; group < groups; group++)
            {
                code.vmovups(Existing(group, Accumulator(group, token)), __[_output + group * Line]);
            }

            code.add(_output, _outputStride);
        }

        code.mov(_output, __[_arguments + 32]);
        code.jmp(ready);
        code.Label(ref fresh);
        for (int i = 0; i < groups * tokens; i++)
        {
            code.vpxord(KernelAssembler.Zmm[31 - i], KernelAssembler.Zmm[31 - i], KernelAssembler.Zmm[31 - i]);
        }

        code.Label(ref ready);
    }

    private void Loop(Assembler code, Label done, bool prefetch)
    {
        _prefetch = prefetch;
        Label many = code.CreateLabel(), rest = code.CreateLabel(), one = code.CreateLabel();
        code.sub(_pairs, _unroll);
        code.jl(rest);
        code.Label(ref many);
        for (int step = 0; step < _unroll; step++)
        {
            Step(code, step);
        }

        Advance(code, _unroll);
        code.sub(_pairs, _unroll);
        code.jge(many);
        code.Label(ref rest);
        code.add(_pairs, _unroll);
        code.jle(done);
        code.Label(ref one);
        Step(code, 0);
        Advance(code, 1);
        code.sub(_pairs, 1);
        code.jg(one);
    }

    private void Advance(Assembler code, int pairs)
    {
        code.add(_weights, pairs * Line);
        if (_prefetch)
        {
            code.add(_next, pairs * Line);
        }

        code.add(_activations, pairs * tokens * 4);
    }

    private void Step(Assembler code, int step)
    {
        for (int group = 0; group < groups; group++)
        {
            if (_prefetch)
            {
                code.prefetcht1(__byte_ptr[Panel(_next, group, step * Line)]);
            }

            code.vmovups(Weight(group), Panel(_weights, group, step * Line));
        }

        for (int token = 0; token < tokens; token++)
        {
            int offset = (step * tokens + token) * 4;
            if (groups == 1)
            {
                code.vdpbf16ps(Accumulator(0, token), Weight(0), __dword_bcst[_activations + offset]);
                continue;
            }

            AssemblerRegisterZMM pair = KernelAssembler.Zmm[groups + token % 2];
            code.vpbroadcastd(pair, __dword_ptr[_activations + offset]);
            for (int group = 0; group < groups; group++)
            {
                code.vdpbf16ps(Accumulator(group, token), Weight(group), pair);
            }
        }
    }

    private AssemblerMemoryOperand Panel(AssemblerRegister64 from, int group, int offset) => group switch
    {
        0 => __[from + offset],
        1 => __[from + _stride + offset],
        2 => __[from + _stride * 2 + offset],
        _ => __[from + _stride3 + offset],
    };

    private void Finish(Assembler code)
    {
        Label plain = code.CreateLabel();
        code.test(_bias, _bias);
        code.je(plain);
        for (int group = 0; group < groups; group++)
        {
            code.vmovups(Existing(group, Weight(group)), __[_bias + group * Line]);
            for (int token = 0; token < tokens; token++)
            {
                code.vaddps(Accumulator(group, token), Accumulator(group, token), Weight(group));
            }
        }

        code.Label(ref plain);
        for (int token = 0; token < tokens; token++)
        {
            for (int group = 0; group < groups; group++)
            {
                AssemblerMemoryOperand target = __[_output + group * Line];
                code.vmovups(group == groups - 1 ? target.k1 : target, Accumulator(group, token));
            }

            code.add(_output, _outputStride);
        }
    }

    // Only the last group of a tile can reach past the last column.
    private AssemblerRegisterZMM Existing(int group, AssemblerRegisterZMM register) => group == groups - 1 ? register.k1.z : register;
}
