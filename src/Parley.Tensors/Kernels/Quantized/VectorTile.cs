using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics.X86;

namespace Parley.Tensors.Kernels;

/// <summary>
/// The tile of <see cref="R16Tile"/> by two vectors of rows and one to four tokens, with all sums in registers. Two vectors are two groups, one
/// group or half of one, as wide as they are; a vector without a partner is computed twice.
/// </summary>
internal static unsafe class VectorTile<TQuads, TForm, TTokens>
    where TQuads : struct, IQuads<TQuads>
    where TForm : struct, IR16Form
    where TTokens : struct, ITokenCount
{
    private const int Line = R16Matrix.LineBytes;

    /// <summary>How far ahead numbers are asked for by one token, which runs 1.5 times as fast for it; several ask for the group behind theirs.</summary>
    private const int Ahead = 4096;

    private static bool Full
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => TForm.UpperBits == 4;
    }

    /// <summary>Whether each half of a block has a scale of its own.</summary>
    private static bool Halves
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => TForm.UpperBits == 2;
    }

    private static bool Fifths
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => TForm.UpperBits == 1;
    }

    public static void Run(R16Tile* tile)
    {
        int perGroup = R16Matrix.GroupRows / TQuads.Rows;
        int vectors = perGroup * tile->Groups;
        for (int vector = 0; vector < vectors; vector += 2)
        {
            Slice first = new(tile, vector / perGroup, vector % perGroup * TQuads.Rows);
            int partner = Math.Min(vector + 1, vectors - 1);
            Slice second = new(tile, partner / perGroup, partner % perGroup * TQuads.Rows);
            Multiply(first, second, tile);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    private static void Multiply(in Slice first, in Slice second, R16Tile* tile)
    {
        int* x = (int*)tile->Activations;
        long blocks = tile->Blocks, stride = tile->TokenStride, ahead = tile->Prefetch == 0 ? 0 : TTokens.Count == 1 ? Ahead : tile->Groups * tile->GroupStride;
        byte* header0 = first.Header, header1 = second.Header, numbers0 = first.Numbers, numbers1 = second.Numbers;
        TQuads s00 = TQuads.Zero, s01 = TQuads.Zero, s10 = TQuads.Zero, s11 = TQuads.Zero;
        TQuads s20 = TQuads.Zero, s21 = TQuads.Zero, s30 = TQuads.Zero, s31 = TQuads.Zero;
        for (; blocks > 0; blocks--)
        {
            // 1. Integer sums of a block, or of each half of it.
            TQuads d00 = TQuads.Zero, d01 = TQuads.Zero, d10 = TQuads.Zero, d11 = TQuads.Zero;
            TQuads d20 = TQuads.Zero, d21 = TQuads.Zero, d30 = TQuads.Zero, d31 = TQuads.Zero;
            int* word = x + TForm.Terms * TTokens.Count;
            for (int half = 0; half < 2; half++)
            {
                TQuads upper0 = Upper(numbers0, half), upper1 = Upper(numbers1, half);
                for (int step = 0; step < 4; step++, word += TTokens.Count)
                {
                    TQuads w0 = Numbers(numbers0, half, step, ref upper0), w1 = Numbers(numbers1, half, step, ref upper1);
                    Prefetch(numbers0 + ahead, numbers1 + ahead, half * 4 + step);
                    TQuads v = TQuads.Broadcast(word[0]);
                    d00 = Dot(d00, w0, v);
                    d01 = Dot(d01, w1, v);
                    if (TTokens.Count > 1)
                    {
                        v = TQuads.Broadcast(word[1]);
                        d10 = Dot(d10, w0, v);
                        d11 = Dot(d11, w1, v);
                    }

                    if (TTokens.Count > 2)
                    {
                        v = TQuads.Broadcast(word[2]);
                        d20 = Dot(d20, w0, v);
                        d21 = Dot(d21, w1, v);
                    }

                    if (TTokens.Count > 3)
                    {
                        v = TQuads.Broadcast(word[3]);
                        d30 = Dot(d30, w0, v);
                        d31 = Dot(d31, w1, v);
                    }
                }

                if (half == 0 && !Halves)
                {
                    continue;
                }

                // 2. Scaled and added to the float sums.
                byte* scales0 = Halves ? header0 + half * 32 : header0, scales1 = Halves ? header1 + half * 32 : header1;
                TQuads c0 = TQuads.FromHalf(scales0), c1 = TQuads.FromHalf(scales1);
                int* terms = x + (Halves ? 1 + half : 1) * TTokens.Count;
                (s00, s01, d00, d01) = Fold(s00, s01, d00, d01, c0, c1, x, terms);
                if (TTokens.Count > 1) (s10, s11, d10, d11) = Fold(s10, s11, d10, d11, c0, c1, x + 1, terms + 1);
                if (TTokens.Count > 2) (s20, s21, d20, d21) = Fold(s20, s21, d20, d21, c0, c1, x + 2, terms + 2);
                if (TTokens.Count > 3) (s30, s31, d30, d31) = Fold(s30, s31, d30, d31, c0, c1, x + 3, terms + 3);
            }

            // 3. What is added whatever the numbers are.
            if (TForm.HasAdd)
            {
                TQuads a0 = TQuads.FromHalf(header0 + 32), a1 = TQuads.FromHalf(header1 + 32);
                int* terms = x + TTokens.Count;
                (s00, s01) = Add(s00, s01, a0, a1, terms[0]);
                if (TTokens.Count > 1) (s10, s11) = Add(s10, s11, a0, a1, terms[1]);
                if (TTokens.Count > 2) (s20, s21) = Add(s20, s21, a0, a1, terms[2]);
                if (TTokens.Count > 3) (s30, s31) = Add(s30, s31, a0, a1, terms[3]);
            }

            // 4. The next block.
            header0 += TForm.Vectors * 32;
            header1 += TForm.Vectors * 32;
            numbers0 += TForm.Lines * Line;
            numbers1 += TForm.Lines * Line;
            x += (TForm.Terms + R16Matrix.StepsPerBlock) * TTokens.Count;
        }

        Store(first, second, 0, stride, s00, s01);
        if (TTokens.Count > 1) Store(first, second, 1, stride, s10, s11);
        if (TTokens.Count > 2) Store(first, second, 2, stride, s20, s21);
        if (TTokens.Count > 3) Store(first, second, 3, stride, s30, s31);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static TQuads Dot(TQuads sum, TQuads numbers, TQuads x) =>
        Full ? TQuads.Dot8(sum, numbers, x)
        : TForm.UpperBits == 0 ? TQuads.Dot4(sum, numbers, x)
        : TQuads.Dot(sum, numbers, x);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Prefetch(byte* numbers0, byte* numbers1, int step)
    {
        // Four-bit formats have half as many lines as steps: every step then asks for half of its distance.
        int offset = step * (Full ? Line : Line / 2);
        if (Sse.IsSupported)
        {
            Sse.Prefetch0(numbers0 + offset);
            if (TQuads.Rows == R16Matrix.GroupRows)
            {
                Sse.Prefetch0(numbers1 + offset);
            }
        }
    }

    /// <summary>The line of bits above the nibbles that belongs to half a block.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static TQuads Upper(byte* numbers, int half) =>
        Halves ? TQuads.Load(numbers + (4 + half) * Line)
        : Fifths ? TQuads.ShiftRight(TQuads.Load(numbers + 4 * Line), half * 4)
        : default;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static TQuads Numbers(byte* numbers, int half, int step, ref TQuads upper)
    {
        if (Full)
        {
            return TQuads.Load(numbers + (half * 4 + step) * Line);
        }

        TQuads low = TQuads.ShiftRight(TQuads.Load(numbers + step * Line), half * 4) & TQuads.Broadcast(0x0F0F0F0F);
        if (Halves)
        {
            low |= TQuads.ShiftLeft(upper & TQuads.Broadcast(0x03030303), 4);
            upper = TQuads.ShiftRight(upper, 2);
        }
        else if (Fifths)
        {
            low |= TQuads.ShiftLeft(upper & TQuads.Broadcast(0x01010101), 4);
            upper = TQuads.ShiftRight(upper, 1);
        }

        return low;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static (TQuads Sum0, TQuads Sum1, TQuads Dot0, TQuads Dot1) Fold(
        TQuads sum0, TQuads sum1, TQuads dot0, TQuads dot1, TQuads scale0, TQuads scale1, int* factor, int* term)
    {
        bool plain = TForm.HasAdd || (Full && TQuads.OffsetInDot8);
        TQuads offset = plain ? TQuads.Zero : TQuads.Broadcast(*term), factors = TQuads.Broadcast(*factor);
        if (TForm.UpperBits == 0)
        {
            (dot0, dot1) = (TQuads.Widen(dot0), TQuads.Widen(dot1));
        }

        return (TQuads.Fold(sum0, dot0, offset, scale0, factors), TQuads.Fold(sum1, dot1, offset, scale1, factors), TQuads.Zero, TQuads.Zero);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static (TQuads Sum0, TQuads Sum1) Add(TQuads sum0, TQuads sum1, TQuads add0, TQuads add1, int term)
    {
        TQuads terms = TQuads.Broadcast(term);
        return (TQuads.FusedMultiplyAdd(add0, terms, sum0), TQuads.FusedMultiplyAdd(add1, terms, sum1));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Store(in Slice first, in Slice second, int token, long stride, TQuads sum0, TQuads sum1)
    {
        sum0.Store((float*)((byte*)first.Output + token * stride));
        sum1.Store((float*)((byte*)second.Output + token * stride));
    }

    /// <summary>Where one vector of rows begins.</summary>
    private readonly struct Slice
    {
        public readonly byte* Header, Numbers;
        public readonly float* Output;

        public Slice(R16Tile* tile, int group, int row)
        {
            byte* weights = tile->Weights + group * tile->GroupStride;
            Header = weights + row * sizeof(ushort);
            Numbers = weights + tile->NumbersOffset + row * sizeof(int);
            Output = (float*)((byte*)tile->Output + group * tile->GroupOutputStride) + row;
        }
    }
}
