using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics.X86;

namespace Parley.Tensors.Kernels;

/// <summary>
/// The tile of <see cref="R16Tile"/> the other way round, for the 32 registers of AVX-512: a block's numbers of two groups are unpacked into 16 of
/// them once, and all tokens of the panel pass by, whose sums wait in the first cache. Unpacking costs each token little, and no loop runs over steps.
/// For numbers of up to 6 bits.
/// </summary>
internal static unsafe class BlockTile<TForm>
    where TForm : struct, IR16Form
{
    /// <summary>Tokens that share what is unpacked; more gain little, and their sums take room in the first cache.</summary>
    public const int MostTokens = 12;

    private const int Line = R16Matrix.LineBytes;
    private const int Pair = 2 * R16Matrix.GroupRows;

    public static void Run(R16Tile* tile)
    {
        byte* room = stackalloc byte[(MostTokens * Pair * sizeof(float)) + Line];
        float* sums = (float*)((nint)(room + Line - 1) & -Line);
        for (int group = 0; group < tile->Groups; group += 2)
        {
            byte* first = tile->Weights + group * tile->GroupStride;
            bool alone = group + 1 == tile->Groups; // a group without a partner is computed twice
            byte* second = alone ? first : first + tile->GroupStride;
            new Span<float>(sums, tile->Tokens * Pair).Clear();
            Multiply(first, second, tile, sums);
            Store(sums, tile, group, alone);
        }
    }

    private static void Store(float* sums, R16Tile* tile, int group, bool alone)
    {
        byte* output = (byte*)tile->Output + group * tile->GroupOutputStride;
        for (int token = 0; token < tile->Tokens; token++, sums += Pair, output += tile->TokenStride)
        {
            Quads512.Load((byte*)sums).Store((float*)output);
            if (!alone)
            {
                Quads512.Load((byte*)(sums + R16Matrix.GroupRows)).Store((float*)(output + tile->GroupOutputStride));
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    private static void Multiply(byte* first, byte* second, R16Tile* tile, float* sums)
    {
        byte* numbers0 = first + tile->NumbersOffset, numbers1 = second + tile->NumbersOffset;
        byte* x = tile->Activations;
        nint word = tile->Tokens * sizeof(int);
        byte* end = numbers0 + tile->Blocks * (TForm.Lines * Line);
        long ahead = tile->Prefetch == 0 ? 0 : tile->Groups * tile->GroupStride;
        while (numbers0 < end)
        {
            // 1. Numbers of two groups: of steps 0 to 3, then of 4 to 7.
            Quads512 low = Quads512.Load(numbers0), upper0 = Upper(numbers0, 0), upper1 = Upper(numbers0, 1);
            Quads512 a0 = Number(low, upper0, 0), a4 = Number(low, upper1, 4);
            low = Quads512.Load(numbers0 + Line);
            Quads512 a1 = Number(low, upper0, 1), a5 = Number(low, upper1, 5);
            low = Quads512.Load(numbers0 + 2 * Line);
            Quads512 a2 = Number(low, upper0, 2), a6 = Number(low, upper1, 6);
            low = Quads512.Load(numbers0 + 3 * Line);
            Quads512 a3 = Number(low, upper0, 3), a7 = Number(low, upper1, 7);
            (low, upper0, upper1) = (Quads512.Load(numbers1), Upper(numbers1, 0), Upper(numbers1, 1));
            Quads512 b0 = Number(low, upper0, 0), b4 = Number(low, upper1, 4);
            low = Quads512.Load(numbers1 + Line);
            Quads512 b1 = Number(low, upper0, 1), b5 = Number(low, upper1, 5);
            low = Quads512.Load(numbers1 + 2 * Line);
            Quads512 b2 = Number(low, upper0, 2), b6 = Number(low, upper1, 6);
            low = Quads512.Load(numbers1 + 3 * Line);
            Quads512 b3 = Number(low, upper0, 3), b7 = Number(low, upper1, 7);
            Quads512 scale0 = Quads512.FromHalf(first), scale1 = Quads512.FromHalf(second);
            Quads512 other0 = TForm.Vectors == 2 ? Quads512.FromHalf(first + 32) : default;
            Quads512 other1 = TForm.Vectors == 2 ? Quads512.FromHalf(second + 32) : default;
            if (ahead != 0)
            {
                Fetch(first + ahead, numbers0 + ahead);
                Fetch(second + ahead, numbers1 + ahead);
            }

            // 2. Every token: its four words of each half, by the numbers of both groups.
            byte* to = (byte*)sums;
            byte* endOfTokens = x + word;
            for (; x < endOfTokens; x += sizeof(int), to += Pair * sizeof(float))
            {
                byte* words = x + TForm.Terms * word;
                Quads512 v0 = Word(words), v1 = Word(words + word), v2 = Word(words + 2 * word), v3 = Word(words + 3 * word);
                Quads512 low0 = Half(a0, a1, a2, a3, v0, v1, v2, v3), low1 = Half(b0, b1, b2, b3, v0, v1, v2, v3);
                words += 4 * word;
                (v0, v1, v2, v3) = (Word(words), Word(words + word), Word(words + 2 * word), Word(words + 3 * word));
                Quads512 high0 = Half(a4, a5, a6, a7, v0, v1, v2, v3), high1 = Half(b4, b5, b6, b7, v0, v1, v2, v3);
                Quads512 factor = Word(x), term = Word(x + word), term2 = TForm.UpperBits == 2 ? Word(x + 2 * word) : default;
                Fold(low0, high0, scale0, other0, factor, term, term2, to);
                Fold(low1, high1, scale1, other1, factor, term, term2, to + Line);
            }

            // 3. The next block.
            first += TForm.Vectors * 32;
            second += TForm.Vectors * 32;
            numbers0 += TForm.Lines * Line;
            numbers1 += TForm.Lines * Line;
            x += (TForm.Terms + R16Matrix.StepsPerBlock - 1) * word;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Quads512 Word(byte* word) => Quads512.Broadcast(*(int*)word);

    /// <summary>The line of bits above the nibbles of half a block.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Quads512 Upper(byte* numbers, int half) =>
        TForm.UpperBits == 2 ? Quads512.Load(numbers + (4 + half) * Line)
        : TForm.UpperBits == 1 ? Quads512.Load(numbers + 4 * Line)
        : default;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Quads512 Number(Quads512 low, Quads512 upper, int step)
    {
        Quads512 nibble = (step < 4 ? low : Quads512.ShiftRight(low, 4)) & Quads512.Broadcast(0x0F0F0F0F);
        return TForm.UpperBits == 2 ? nibble | (Shift(upper, 4 - 2 * (step % 4)) & Quads512.Broadcast(0x30303030))
            : TForm.UpperBits == 1 ? nibble | (Shift(upper, 4 - step) & Quads512.Broadcast(0x10101010))
            : nibble;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Quads512 Shift(Quads512 bits, int left) => left switch
    {
        0 => bits,
        > 0 => Quads512.ShiftLeft(bits, left),
        _ => Quads512.ShiftRight(bits, -left),
    };

    /// <summary>
    /// Sums of four steps: in 16-bit halves of the lanes, where four times 31 * 127 * 2 have room, and of six-bit numbers two times 63 * 127 * 2.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Quads512 Half(Quads512 w0, Quads512 w1, Quads512 w2, Quads512 w3, Quads512 v0, Quads512 v1, Quads512 v2, Quads512 v3)
    {
        Quads512 front = Quads512.Dot4(Quads512.Products(w0, v0), w1, v1), back = Quads512.Dot4(Quads512.Products(w2, v2), w3, v3);
        return TForm.UpperBits == 2 ? Quads512.Widen(front) + Quads512.Widen(back) : Quads512.AddHalves(front, back);
    }

    /// <summary>Scaled and added to the sums in memory.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Fold(Quads512 low, Quads512 high, Quads512 scale, Quads512 other, Quads512 factor, Quads512 term, Quads512 term2, byte* to)
    {
        Quads512 sum = Quads512.Load(to);
        if (TForm.UpperBits == 2)
        {
            sum = Quads512.Fold(sum, low, term, scale, factor);
            sum = Quads512.Fold(sum, high, term2, other, factor);
        }
        else
        {
            Quads512 dot = TForm.UpperBits == 0 ? Quads512.Widen(Quads512.AddHalves(low, high)) : Quads512.Widen(low) + Quads512.Widen(high);
            sum = Quads512.Fold(sum, dot, TForm.HasAdd ? Quads512.Zero : term, scale, factor);
            sum = TForm.HasAdd ? Quads512.FusedMultiplyAdd(other, term, sum) : sum;
        }

        sum.Store((float*)to);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Fetch(byte* header, byte* numbers)
    {
        Sse.Prefetch0(header);
        for (int line = 0; line < TForm.Lines; line++)
        {
            Sse.Prefetch0(numbers + line * Line);
        }
    }
}
