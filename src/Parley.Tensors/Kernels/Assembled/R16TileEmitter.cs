using Iced.Intel;
using static Iced.Intel.AssemblerRegisters;

namespace Parley.Tensors.Kernels;

/// <summary>
/// Writes the tile kernel of <see cref="R16Tile"/> for one format, G groups and T tokens on <c>vpdpbusd</c>. A block's sums of products sit in
/// G x T integer registers that begin as the tokens' terms, are turned to F32 and multiplied into G x T accumulators; weights and activations
/// pass through a few more. 2 G T + G + 2 registers and the constants of the format must fit 32. The loop over blocks is there twice, once
/// without and once with prefetching.
/// </summary>
internal sealed class R16TileEmitter(R16Format format, int groups, int tokens)
{
    private const int Line = R16Matrix.LineBytes;
    private const int Word = sizeof(int);

    private readonly AssemblerRegister64 _arguments = rdi, _numbers = rsi, _stride = rax, _stride3 = r10, _activations = rdx, _blocks = rcx;
    private readonly AssemblerRegister64 _header = r8, _output = r8, _tokenStride = r9, _groupStride = r11;
    private readonly AssemblerRegister64 _nextNumbers = r9, _nextHeader = r11;

    private bool _prefetch;

    // Constants sit at the top of the weights' registers: numbers of 4 bits, and the bits above them.
    private AssemblerRegisterZMM FourBits => KernelAssembler.Zmm[groups + 2];

    private AssemblerRegisterZMM UpperBits => KernelAssembler.Zmm[groups + 3];

    private AssemblerRegisterZMM Activation => KernelAssembler.Zmm[groups];

    private AssemblerRegisterZMM Spare => KernelAssembler.Zmm[groups + 1];

    public void Emit(Assembler code)
    {
        Label tile = code.CreateLabel();
        LoadConstants(code);
        code.Label(ref tile);
        LoadArguments(code);
        for (int i = 0; i < groups * tokens; i++)
        {
            code.vpxord(KernelAssembler.Zmm[31 - i], KernelAssembler.Zmm[31 - i], KernelAssembler.Zmm[31 - i]);
        }

        code.mov(_nextNumbers, _numbers);
        code.mov(_nextHeader, _header);
        for (int group = 0; group < groups; group++)
        {
            code.add(_nextNumbers, _stride);
            code.add(_nextHeader, _stride);
        }

        Label prefetching = code.CreateLabel(), plain = code.CreateLabel(), done = code.CreateLabel();
        code.cmp(__byte_ptr[_arguments + R16Tile.PrefetchOffset], 0);
        code.je(plain);
        Blocks(code, ref prefetching, prefetch: true);
        code.jmp(done);
        Blocks(code, ref plain, prefetch: false);
        code.Label(ref done);
        Store(code);
        More(code, tile);
    }

    private void Blocks(Assembler code, ref Label block, bool prefetch)
    {
        _prefetch = prefetch;
        code.Label(ref block);
        Block(code);
        Advance(code, format.Lines * Line, _numbers, _nextNumbers);
        Advance(code, format.Vectors * R16Matrix.GroupRows * 2, _header, _nextHeader);
        code.add(_activations, (format.Terms + R16Matrix.StepsPerBlock) * tokens * Word);
        code.dec(_blocks);
        code.jne(block);
    }

    private static void Advance(Assembler code, int bytes, AssemblerRegister64 pointer, AssemblerRegister64 next)
    {
        code.add(pointer, bytes);
        code.add(next, bytes);
    }

    private AssemblerRegisterZMM Weight(int group) => KernelAssembler.Zmm[group];

    private AssemblerRegisterZMM Sum(int group, int token) => KernelAssembler.Zmm[31 - (token * groups + group)];

    private AssemblerRegisterZMM Dot(int group, int token) => KernelAssembler.Zmm[31 - groups * tokens - (token * groups + group)];

    private void LoadArguments(Assembler code)
    {
        code.mov(_header, __[_arguments]);
        code.mov(_stride, __[_arguments + 8]);
        code.mov(_numbers, __[_arguments + 16]);
        code.add(_numbers, _header);
        code.mov(_activations, __[_arguments + 24]);
        code.mov(_blocks, __[_arguments + 32]);
        code.lea(_stride3, __[_stride + _stride * 2]);
    }

    private void LoadConstants(Assembler code)
    {
        if (format != R16Format.Eight)
        {
            Constant(code, FourBits, 0x0F0F0F0F);
        }

        if (format.Lines > 4 && format != R16Format.Eight)
        {
            Constant(code, UpperBits, format == R16Format.Six ? 0x30303030u : 0x10101010u);
        }
    }

    private void Constant(Assembler code, AssemblerRegisterZMM register, uint value)
    {
        code.mov(r9d, value);
        code.vpbroadcastd(register, r9d);
    }

    private void Block(Assembler code)
    {
        int half = R16Matrix.StepsPerBlock / 2;
        if (format == R16Format.Six)
        {
            Begin(code, term: 1);
            Steps(code, 0, half);
            Scale(code, vector: 0);
            Begin(code, term: 2);
            Steps(code, half, half);
            Scale(code, vector: 1);
            return;
        }

        Begin(code, term: 1);
        Steps(code, 0, 2 * half);
        Scale(code, vector: 0);
        if (format.HasAdd)
        {
            Add(code);
        }
    }

    // The integer sums of a block start as the tokens' terms, or as zero where an addend takes their place.
    private void Begin(Assembler code, int term)
    {
        for (int token = 0; token < tokens; token++)
        {
            for (int group = 0; group < groups; group++)
            {
                if (format.HasAdd)
                {
                    code.vpxord(Dot(group, token), Dot(group, token), Dot(group, token));
                }
                else
                {
                    code.vpbroadcastd(Dot(group, token), __dword_ptr[Panel(term, token)]);
                }
            }
        }
    }

    private void Steps(Assembler code, int first, int count)
    {
        for (int step = first; step < first + count; step++)
        {
            for (int group = 0; group < groups; group++)
            {
                Numbers(code, group, step);
            }

            for (int token = 0; token < tokens; token++)
            {
                if (groups == 1)
                {
                    code.vpdpbusd(Dot(0, token), Weight(0), __dword_bcst[Panel(format.Terms + step, token)]);
                    continue;
                }

                code.vpbroadcastd(Activation, __dword_ptr[Panel(format.Terms + step, token)]);
                for (int group = 0; group < groups; group++)
                {
                    code.vpdpbusd(Dot(group, token), Weight(group), Activation);
                }
            }
        }
    }

    // Brings the unsigned numbers of one step into the group's register.
    private void Numbers(Assembler code, int group, int step)
    {
        AssemblerRegisterZMM weight = Weight(group);
        if (step < format.Lines)
        {
            Prefetch(code, Group(_nextNumbers, group, step * Line));
        }

        if (format == R16Format.Eight)
        {
            code.vmovdqu32(weight, __[Numbers(group, step)]);
            return;
        }

        if (step < 4)
        {
            code.vpandd(weight, FourBits, __[Numbers(group, step)]);
        }
        else
        {
            code.vpsrld(weight, __zmmword_ptr[Numbers(group, step - 4)], 4);
            code.vpandd(weight, weight, FourBits);
        }

        if (format is R16Format.Five or R16Format.FiveAdd)
        {
            Shift(code, Spare, Numbers(group, 4), 4 - step);
        }
        else if (format == R16Format.Six)
        {
            Shift(code, Spare, Numbers(group, 4 + step / 4), 4 - step % 4 * 2);
        }
        else
        {
            return;
        }

        code.vpternlogd(weight, Spare, UpperBits, 0xF8); // weight | (spare & upper bits)
    }

    // One token wants the line next to the units; several panels pass first, so the second-level cache is soon enough.
    private void Prefetch(Assembler code, AssemblerMemoryOperand line)
    {
        if (!_prefetch)
        {
            return;
        }

        if (tokens == 1)
        {
            code.prefetcht0(__byte_ptr[line]);
        }
        else
        {
            code.prefetcht1(__byte_ptr[line]);
        }
    }

    private static void Shift(Assembler code, AssemblerRegisterZMM to, AssemblerMemoryOperand from, int left)
    {
        switch (left)
        {
            case 0: code.vmovdqu32(to, __[from]); break;
            case > 0: code.vpslld(to, __zmmword_ptr[from], (byte)left); break;
            default: code.vpsrld(to, __zmmword_ptr[from], (byte)-left); break;
        }
    }

    private void Scale(Assembler code, int vector)
    {
        for (int group = 0; group < groups; group++)
        {
            code.vcvtph2ps(Weight(group), __ymmword_ptr[Header(group, vector)]);
            if (vector == 0)
            {
                Prefetch(code, Group(_nextHeader, group, 0));
            }
        }

        for (int token = 0; token < tokens; token++)
        {
            for (int group = 0; group < groups; group++)
            {
                AssemblerRegisterZMM dot = Dot(group, token);
                code.vcvtdq2ps(dot, dot);
                code.vmulps(dot, dot, Weight(group));
                code.vfmadd231ps(Sum(group, token), dot, __dword_bcst[Panel(0, token)]);
            }
        }
    }

    private void Add(Assembler code)
    {
        for (int group = 0; group < groups; group++)
        {
            code.vcvtph2ps(Weight(group), __ymmword_ptr[Header(group, 1)]);
            for (int token = 0; token < tokens; token++)
            {
                code.vfmadd231ps(Sum(group, token), Weight(group), __dword_bcst[Panel(1, token)]);
            }
        }
    }

    private AssemblerMemoryOperand Panel(int word, int token) => __[_activations + (word * tokens + token) * Word];

    private AssemblerMemoryOperand Numbers(int group, int line) => Group(_numbers, group, line * Line);

    private AssemblerMemoryOperand Header(int group, int vector) => Group(_header, group, vector * R16Matrix.GroupRows * 2);

    private AssemblerMemoryOperand Group(AssemblerRegister64 from, int group, int offset) => group switch
    {
        0 => __[from + offset],
        1 => __[from + _stride + offset],
        2 => __[from + _stride * 2 + offset],
        _ => __[from + _stride3 + offset],
    };

    private void More(Assembler code, Label tile)
    {
        Label end = code.CreateLabel();
        code.sub(__dword_ptr[_arguments + R16Tile.MoreOffset], 1);
        code.jl(end);
        code.imul(_stride, _stride, groups);
        code.add(__qword_ptr[_arguments], _stride);
        code.mov(__qword_ptr[_arguments + 40], _output); // where the last group's store left it
        code.jmp(tile);
        code.Label(ref end);
        code.mov(__dword_ptr[_arguments + R16Tile.MoreOffset], 0);
    }

    private void Store(Assembler code)
    {
        code.mov(_output, __[_arguments + 40]);
        code.mov(_tokenStride, __[_arguments + 48]);
        code.mov(_groupStride, __[_arguments + 56]);
        for (int group = 0; group < groups; group++)
        {
            code.mov(_numbers, _output);
            for (int token = 0; token < tokens; token++)
            {
                code.vmovups(__[_numbers], Sum(group, token));
                code.add(_numbers, _tokenStride);
            }

            code.add(_output, _groupStride);
        }
    }
}
