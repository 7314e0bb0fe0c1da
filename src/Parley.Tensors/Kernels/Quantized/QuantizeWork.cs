using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Parley.Tensors.Kernels;

/// <summary>
/// Rounds rows of activations into panels. A chunk is some rows. The largest size is found among the bit patterns, where NaN is
/// larger than everything: a block with NaN or infinity gets the scale NaN, so that the damage stays visible in the products.
/// </summary>
internal readonly unsafe struct QuantizeWork(float* rows, ActivationPanels panels, int rowsPerChunk, bool scalar) : IWork
{
    private const float Shift = LanesMath.RoundingShift;

    private readonly float* _rows = rows;

    public void Execute(int chunk)
    {
        int end = Math.Min(panels.Tokens, (chunk + 1) * rowsPerChunk);
        for (int token = chunk * rowsPerChunk; token < end; token++)
        {
            int panel = panels.PanelOf(token);
            int* target = (int*)panels.Panel(panel) + (token - panels.First(panel));
            Row(_rows + (long)token * panels.Depth, target, panels.Width(panel));
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Row(float* row, int* target, int width)
    {
        int blockWords = panels.Words * width;
        int whole = panels.Depth / R16Matrix.BlockLength;
        for (int block = 0; block < whole; block++, row += R16Matrix.BlockLength, target += blockWords)
        {
            Block(row, target, width);
        }

        if (whole < panels.Blocks)
        {
            float* padded = stackalloc float[R16Matrix.BlockLength];
            for (int i = 0; i < R16Matrix.BlockLength; i++)
            {
                padded[i] = whole * R16Matrix.BlockLength + i < panels.Depth ? row[i] : 0;
            }

            Block(padded, target, width);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void Block(float* x, int* target, int width)
    {
        int* steps = stackalloc int[R16Matrix.StepsPerBlock];
        (float scale, int low, int high) = scalar ? RoundScalar(x, (sbyte*)steps) : RoundVector(x, (sbyte*)steps);
        *(float*)target = scale;
        target += width;
        if (panels.Format == R16Format.Six)
        {
            *target = -panels.Format.Offset * low;
            target += width;
            *target = -panels.Format.Offset * high;
        }
        else
        {
            *target = panels.Format.HasAdd
                ? BitConverter.SingleToInt32Bits(scale * (low + high))
                : -panels.Format.Offset * (low + high);
        }

        for (int step = 0; step < R16Matrix.StepsPerBlock; step++)
        {
            target += width;
            *target = steps[step];
        }
    }

    /// <summary>The definition.</summary>
    private static (float Scale, int Low, int High) RoundScalar(float* x, sbyte* q)
    {
        int largest = 0;
        for (int i = 0; i < R16Matrix.BlockLength; i++)
        {
            largest = Math.Max(largest, BitConverter.SingleToInt32Bits(x[i]) & int.MaxValue);
        }

        (float scale, float inverse) = Scales(largest);
        (int low, int high) = (0, 0);
        for (int i = 0; i < R16Matrix.BlockLength; i++)
        {
            q[i] = (sbyte)(BitConverter.SingleToInt32Bits(x[i] * inverse + Shift) - BitConverter.SingleToInt32Bits(Shift));
            low += i < 16 ? q[i] : 0;
            high += i < 16 ? 0 : q[i];
        }

        return (scale, low, high);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static (float Scale, int Low, int High) RoundVector(float* x, sbyte* q)
    {
        Vector256<float> x0 = Vector256.Load(x), x1 = Vector256.Load(x + 8), x2 = Vector256.Load(x + 16), x3 = Vector256.Load(x + 24);
        Vector256<int> size = Vector256.Create(int.MaxValue);
        Vector256<int> largest = Vector256.Max(
            Vector256.Max(x0.AsInt32() & size, x1.AsInt32() & size), Vector256.Max(x2.AsInt32() & size, x3.AsInt32() & size));
        Vector128<int> four = Vector128.Max(largest.GetLower(), largest.GetUpper());
        four = Vector128.Max(four, Vector128.Shuffle(four, Vector128.Create(2, 3, 0, 1)));
        four = Vector128.Max(four, Vector128.Shuffle(four, Vector128.Create(1, 0, 3, 2)));

        (float scale, float inverse) = Scales(four.ToScalar());
        Vector256<float> factor = Vector256.Create(inverse), shift = Vector256.Create(Shift);
        Vector256<int> bits = shift.AsInt32();
        Vector256<int> q0 = (x0 * factor + shift).AsInt32() - bits, q1 = (x1 * factor + shift).AsInt32() - bits;
        Vector256<int> q2 = (x2 * factor + shift).AsInt32() - bits, q3 = (x3 * factor + shift).AsInt32() - bits;
        Vector256.Narrow(Vector256.Narrow(q0, q1), Vector256.Narrow(q2, q3)).Store(q);
        return (scale, Vector256.Sum(q0 + q1), Vector256.Sum(q2 + q3));
    }

    // A block below 2^-100, whose inverse could overflow, rounds to zeros.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static (float Scale, float Inverse) Scales(int largest)
    {
        const int Least = (127 - 100) << 23, Infinity = 0x7F800000;
        float size = BitConverter.Int32BitsToSingle(largest);
        return largest >= Infinity ? (float.NaN, 0) : (size / 127, largest < Least ? 0 : 127 / size);
    }
}
