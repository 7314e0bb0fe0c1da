using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Parley.Tensors.Kernels;

/// <summary>
/// Brings stored weights into the R16 layout; a chunk is some groups. A weight whose scales are not finite as F16 is reported, so that it can
/// be computed exactly instead.
/// </summary>
/// <param name="source">The stored rows.</param>
/// <param name="misfit">Set to 1 when a scale is not finite.</param>
internal readonly unsafe struct R16PackWork<TSource>(Tensor source, R16Matrix target, int groupsPerChunk, int* misfit) : IWork
    where TSource : struct, IR16Source
{
    private readonly byte* _source = source.Address;
    private readonly Storage _storage = source.Place.Storage;
    private readonly int* _misfit = misfit;

    private static int PartsPerBlock => DTypes.BlockLength(TSource.Type) / R16Matrix.BlockLength;

    private long RowBytes => DTypes.ByteCount(TSource.Type, target.Depth);

    public void Execute(int chunk)
    {
        int end = Math.Min(target.Groups, (chunk + 1) * groupsPerChunk);
        bool fits = true;
        for (int group = chunk * groupsPerChunk; group < end; group++)
        {
            byte* to = target.Group(group);
            int first = group * R16Matrix.GroupRows;
            int rows = Math.Min(R16Matrix.GroupRows, target.Rows - first);
            if (rows < R16Matrix.GroupRows)
            {
                new Span<byte>(to, (int)target.GroupBytes).Clear(); // zero scales: whatever the numbers are, the products are zeros
            }
            else
            {
                new Span<byte>(to, target.NumbersOffset)[(target.Blocks * target.HeaderBytes)..].Clear();
            }

            fits &= Group(_source + (long)first * RowBytes, rows, to);
        }

        long start = (long)chunk * groupsPerChunk * R16Matrix.GroupRows;
        _storage.Drop(_source + start * RowBytes, (Math.Min(target.Rows, (long)end * R16Matrix.GroupRows) - start) * RowBytes);
        if (!fits)
        {
            Volatile.Write(ref *_misfit, 1);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    private bool Group(byte* rows, int count, byte* to)
    {
        R16Format format = target.Format;
        int parts = PartsPerBlock, blockBytes = DTypes.BlockBytes(TSource.Type);
        int headerBytes = target.HeaderBytes, numberBytes = target.NumberBytes, blocks = target.Blocks;
        long rowBytes = RowBytes;
        ushort* header = (ushort*)to;
        byte* numbers = to + target.NumbersOffset;
        bool fits = true;
        for (int block = 0; block < blocks; block++)
        {
            byte* from = rows + (long)(block / parts) * blockBytes;
            for (int row = 0; row < count; row++, from += rowBytes)
            {
                Vector256<byte> values = TSource.Read(from, block % parts, out ushort scale, out ushort second);
                header[row] = scale;
                fits &= (scale & 0x7C00) != 0x7C00;
                if (headerBytes > 2 * R16Matrix.GroupRows)
                {
                    header[R16Matrix.GroupRows + row] = second;
                    fits &= (second & 0x7C00) != 0x7C00;
                }

                Put(format, values, (uint*)numbers + row);
            }

            header += headerBytes / sizeof(ushort);
            numbers += numberBytes;
        }

        return fits;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Put(R16Format format, Vector256<byte> values, uint* line)
    {
        const int Line = R16Matrix.LineBytes / sizeof(uint);
        if (format == R16Format.Eight)
        {
            Vector256<uint> steps = values.AsUInt32();
            for (int step = 0; step < R16Matrix.StepsPerBlock; step++)
            {
                line[step * Line] = steps.GetElement(step);
            }

            return;
        }

        Vector256<byte> low = values & Vector256.Create((byte)15);
        Vector128<uint> nibbles = (low.GetLower() | Vector128.ShiftLeft(low.GetUpper(), 4)).AsUInt32();
        line[0] = nibbles.GetElement(0);
        line[Line] = nibbles.GetElement(1);
        line[2 * Line] = nibbles.GetElement(2);
        line[3 * Line] = nibbles.GetElement(3);
        if (format is R16Format.Five or R16Format.FiveAdd or R16Format.Six)
        {
            PutUpper(Vector256.ShiftRightLogical(values, 4), line + 4 * Line, format == R16Format.Six);
        }
    }

    private static void PutUpper(Vector256<byte> upper, uint* line, bool pairs)
    {
        uint* steps = stackalloc uint[R16Matrix.StepsPerBlock];
        upper.Store((byte*)steps);
        if (pairs)
        {
            line[0] = steps[0] | (steps[1] << 2) | (steps[2] << 4) | (steps[3] << 6);
            line[R16Matrix.LineBytes / sizeof(uint)] = steps[4] | (steps[5] << 2) | (steps[6] << 4) | (steps[7] << 6);
            return;
        }

        uint bits = 0;
        for (int step = 0; step < R16Matrix.StepsPerBlock; step++)
        {
            bits |= steps[step] << step;
        }

        *line = bits;
    }
}
