using System.Runtime.CompilerServices;

namespace Parley.Tensors.Kernels;

/// <summary>
/// The small matrix product that all of attention is made of, forward and backward: C[r, 0..64] = start + sum over i of A[r][i] * B[i, 0..64],
/// with A read by element and B by vectors, each at any stride. Every element of C is one FMA chain over i, however many rows go together;
/// so four rows at once, one row alone and a sum continued in a second call all give the same bits.
/// </summary>
internal static unsafe class TileProduct<TLanes>
    where TLanes : struct, ILanes<TLanes>
{
    /// <summary>C row r, columns column .. column + 63, starts from factors[r] * C, or from 0 where <paramref name="factors"/> is null.</summary>
    /// <param name="rows">How many of the pointers in a and c are used.</param>
    /// <param name="a">Per row, its first element; the next is <paramref name="aStep"/> floats on.</param>
    /// <param name="b">Four pointers, one per vector of 16 columns; the next i is <paramref name="bStep"/> floats on.</param>
    /// <param name="count">How many i are summed over.</param>
    /// <param name="c">Per row, its column 0.</param>
    internal static void Run(int rows, float** a, int aStep, float** b, int bStep, int count, float** c, int column, float* factors)
    {
        var row = 0;
        for (; row + 4 <= rows; row += 4) FourRows(a + row, aStep, b, bStep, count, c + row, column, factors is null ? null : factors + row);
        for (; row < rows; row++) OneRow(a[row], aStep, b, bStep, count, c[row] + column, factors is null ? null : factors + row);
    }

    /// <summary>The first 32 columns only, from 0: A's elements side by side, B's vectors 16 floats apart.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    internal static void RunHalf(int rows, float** a, float** b, int count, float** c)
    {
        for (var row = 0; row < rows; row += 4)
        {
            // Where fewer than four rows are left the last of them is computed again.
            int last = rows - 1, second = Math.Min(row + 1, last), third = Math.Min(row + 2, last), fourth = Math.Min(row + 3, last);
            float* a0 = a[row], a1 = a[second], a2 = a[third], a3 = a[fourth], b0 = b[0], b1 = b[1];
            TLanes s00 = TLanes.Zero, s01 = TLanes.Zero, s10 = TLanes.Zero, s11 = TLanes.Zero;
            TLanes s20 = TLanes.Zero, s21 = TLanes.Zero, s30 = TLanes.Zero, s31 = TLanes.Zero;
            for (var i = 0; i < count; i++, b0 += 16, b1 += 16)
            {
                TLanes v0 = TLanes.Load(b0), v1 = TLanes.Load(b1);
                var left = TLanes.Broadcast(a0[i]);
                s00 = TLanes.FusedMultiplyAdd(left, v0, s00);
                s01 = TLanes.FusedMultiplyAdd(left, v1, s01);
                left = TLanes.Broadcast(a1[i]);
                s10 = TLanes.FusedMultiplyAdd(left, v0, s10);
                s11 = TLanes.FusedMultiplyAdd(left, v1, s11);
                left = TLanes.Broadcast(a2[i]);
                s20 = TLanes.FusedMultiplyAdd(left, v0, s20);
                s21 = TLanes.FusedMultiplyAdd(left, v1, s21);
                left = TLanes.Broadcast(a3[i]);
                s30 = TLanes.FusedMultiplyAdd(left, v0, s30);
                s31 = TLanes.FusedMultiplyAdd(left, v1, s31);
            }

            StoreHalf(c[row], s00, s01);
            StoreHalf(c[second], s10, s11);
            StoreHalf(c[third], s20, s21);
            StoreHalf(c[fourth], s30, s31);
        }
    }

    /// <summary>
    /// All <paramref name="columns"/> of C where B's vectors lie side by side from <paramref name="b"/> on; nothing behind them is touched.
    /// </summary>
    internal static void RunWide(int rows, float** a, int aStep, float* b, int bStep, int count, float** c, int columns, float* factors)
    {
        var vectors = stackalloc float*[4];
        var column = 0;
        for (; column + 64 <= columns; column += 64)
        {
            for (var i = 0; i < 4; i++) vectors[i] = b + column + i * 16;
            Run(rows, a, aStep, vectors, bStep, count, c, column, factors);
        }

        for (; column + 16 <= columns; column += 16) Narrow(rows, a, aStep, b + column, bStep, count, c, column, factors);
        if (column < columns) Tail(rows, a, aStep, b + column, bStep, count, c, column, columns - column, factors);
    }

    /// <summary>The last columns, fewer than 16, of head sizes that are no whole vectors: rare, so element by element.</summary>
    private static void Tail(int rows, float** a, int aStep, float* b, int bStep, int count, float** c, int column, int columns, float* factors)
    {
        for (var row = 0; row < rows; row++)
        {
            for (var i = 0; i < columns; i++)
            {
                var sum = factors is null ? 0 : c[row][column + i] * factors[row];
                for (var k = 0; k < count; k++) sum = MathF.FusedMultiplyAdd(a[row][k * aStep], b[k * bStep + i], sum);
                c[row][column + i] = sum;
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    private static void Narrow(int rows, float** a, int aStep, float* b, int bStep, int count, float** c, int column, float* factors)
    {
        var row = 0;
        for (; row + 4 <= rows; row += 4)
        {
            float* f = factors is null ? null : factors + row, f1 = f is null ? null : f + 1, f2 = f is null ? null : f + 2, f3 = f is null ? null : f + 3;
            float* c0 = c[row] + column, c1 = c[row + 1] + column, c2 = c[row + 2] + column, c3 = c[row + 3] + column;
            TLanes s0 = Start(c0, f), s1 = Start(c1, f1), s2 = Start(c2, f2), s3 = Start(c3, f3);
            float* a0 = a[row], a1 = a[row + 1], a2 = a[row + 2], a3 = a[row + 3], right = b;
            for (var i = 0; i < count; i++, right += bStep)
            {
                var value = TLanes.Load(right);
                s0 = TLanes.FusedMultiplyAdd(TLanes.Broadcast(a0[i * aStep]), value, s0);
                s1 = TLanes.FusedMultiplyAdd(TLanes.Broadcast(a1[i * aStep]), value, s1);
                s2 = TLanes.FusedMultiplyAdd(TLanes.Broadcast(a2[i * aStep]), value, s2);
                s3 = TLanes.FusedMultiplyAdd(TLanes.Broadcast(a3[i * aStep]), value, s3);
            }

            s0.Store(c0);
            s1.Store(c1);
            s2.Store(c2);
            s3.Store(c3);
        }

        for (; row < rows; row++)
        {
            var sum = Start(c[row] + column, factors is null ? null : factors + row);
            float* left = a[row], right = b;
            for (var i = 0; i < count; i++, left += aStep, right += bStep)
            {
                sum = TLanes.FusedMultiplyAdd(TLanes.Broadcast(*left), TLanes.Load(right), sum);
            }

            sum.Store(c[row] + column);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    private static void FourRows(float** a, int aStep, float** b, int bStep, int count, float** c, int column, float* factors)
    {
        float* c0 = c[0] + column, c1 = c[1] + column, c2 = c[2] + column, c3 = c[3] + column;
        float* f1 = factors is null ? null : factors + 1, f2 = factors is null ? null : factors + 2, f3 = factors is null ? null : factors + 3;
        TLanes s00 = Start(c0, factors), s01 = Start(c0 + 16, factors), s02 = Start(c0 + 32, factors), s03 = Start(c0 + 48, factors);
        TLanes s10 = Start(c1, f1), s11 = Start(c1 + 16, f1), s12 = Start(c1 + 32, f1), s13 = Start(c1 + 48, f1);
        TLanes s20 = Start(c2, f2), s21 = Start(c2 + 16, f2), s22 = Start(c2 + 32, f2), s23 = Start(c2 + 48, f2);
        TLanes s30 = Start(c3, f3), s31 = Start(c3 + 16, f3), s32 = Start(c3 + 32, f3), s33 = Start(c3 + 48, f3);
        float* a0 = a[0], a1 = a[1], a2 = a[2], a3 = a[3];
        float* b0 = b[0], b1 = b[1], b2 = b[2], b3 = b[3];
        for (var i = 0; i < count; i++)
        {
            TLanes v0 = TLanes.Load(b0), v1 = TLanes.Load(b1), v2 = TLanes.Load(b2), v3 = TLanes.Load(b3);
            var left = TLanes.Broadcast(*a0);
            s00 = TLanes.FusedMultiplyAdd(left, v0, s00);
            s01 = TLanes.FusedMultiplyAdd(left, v1, s01);
            s02 = TLanes.FusedMultiplyAdd(left, v2, s02);
            s03 = TLanes.FusedMultiplyAdd(left, v3, s03);
            left = TLanes.Broadcast(*a1);
            s10 = TLanes.FusedMultiplyAdd(left, v0, s10);
            s11 = TLanes.FusedMultiplyAdd(left, v1, s11);
            s12 = TLanes.FusedMultiplyAdd(left, v2, s12);
            s13 = TLanes.FusedMultiplyAdd(left, v3, s13);
            left = TLanes.Broadcast(*a2);
            s20 = TLanes.FusedMultiplyAdd(left, v0, s20);
            s21 = TLanes.FusedMultiplyAdd(left, v1, s21);
            s22 = TLanes.FusedMultiplyAdd(left, v2, s22);
            s23 = TLanes.FusedMultiplyAdd(left, v3, s23);
            left = TLanes.Broadcast(*a3);
            s30 = TLanes.FusedMultiplyAdd(left, v0, s30);
            s31 = TLanes.FusedMultiplyAdd(left, v1, s31);
            s32 = TLanes.FusedMultiplyAdd(left, v2, s32);
            s33 = TLanes.FusedMultiplyAdd(left, v3, s33);
            a0 += aStep;
            a1 += aStep;
            a2 += aStep;
            a3 += aStep;
            b0 += bStep;
            b1 += bStep;
            b2 += bStep;
            b3 += bStep;
        }

        Store(c0, s00, s01, s02, s03);
        Store(c1, s10, s11, s12, s13);
        Store(c2, s20, s21, s22, s23);
        Store(c3, s30, s31, s32, s33);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    private static void OneRow(float* a, int aStep, float** b, int bStep, int count, float* c, float* factor)
    {
        TLanes s0 = Start(c, factor), s1 = Start(c + 16, factor), s2 = Start(c + 32, factor), s3 = Start(c + 48, factor);
        float* b0 = b[0], b1 = b[1], b2 = b[2], b3 = b[3];
        for (var i = 0; i < count; i++)
        {
            var left = TLanes.Broadcast(*a);
            s0 = TLanes.FusedMultiplyAdd(left, TLanes.Load(b0), s0);
            s1 = TLanes.FusedMultiplyAdd(left, TLanes.Load(b1), s1);
            s2 = TLanes.FusedMultiplyAdd(left, TLanes.Load(b2), s2);
            s3 = TLanes.FusedMultiplyAdd(left, TLanes.Load(b3), s3);
            a += aStep;
            b0 += bStep;
            b1 += bStep;
            b2 += bStep;
            b3 += bStep;
        }

        Store(c, s0, s1, s2, s3);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static TLanes Start(float* c, float* factor) =>
        factor is null ? TLanes.Zero : TLanes.Load(c) * TLanes.Broadcast(*factor);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Store(float* c, TLanes v0, TLanes v1, TLanes v2, TLanes v3)
    {
        v0.Store(c);
        v1.Store(c + 16);
        v2.Store(c + 32);
        v3.Store(c + 48);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void StoreHalf(float* c, TLanes v0, TLanes v1)
    {
        v0.Store(c);
        v1.Store(c + 16);
    }
}
