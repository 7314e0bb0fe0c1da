namespace Parley.Tensors.Tests.Quantization;

/// <summary>
/// Random bytes decoded by our codecs and by the loops of ggml's <c>dequantize_row_*</c>, restated here one format at a time:
/// the same floats, bit by bit.
/// </summary>
public sealed class BlockLayoutTests
{
    private delegate void Loop(byte[] block, float[] weights);

    [Theory]
    [InlineData(DType.Q8_0)]
    [InlineData(DType.Q4_0)]
    [InlineData(DType.Q4_1)]
    [InlineData(DType.Q5_0)]
    [InlineData(DType.Q5_1)]
    [InlineData(DType.Q4_K)]
    [InlineData(DType.Q5_K)]
    [InlineData(DType.Q6_K)]
    public void Every_byte_means_what_it_means_to_ggml(DType type)
    {
        Random random = new(17);
        for (int round = 0; round < 200; round++)
        {
            byte[] block = new byte[DTypes.BlockBytes(type)];
            random.NextBytes(block);
            SetScales(type, block, random);
            float[] expected = new float[DTypes.BlockLength(type)];
            LoopOf(type)(block, expected);
            float[] decoded = new float[expected.Length];
            DTypes.Decode(type, block, decoded);
            Numbers.SameBits(expected, decoded);
        }
    }

    private static void SetScales(DType type, byte[] block, Random random)
    {
        foreach (int at in type switch { DType.Q6_K => [208], DType.Q4_1 or DType.Q5_1 or DType.Q4_K or DType.Q5_K => new[] { 0, 2 }, _ => [0] })
        {
            BitConverter.TryWriteBytes(block.AsSpan(at), (Half)(random.NextDouble() * 2 - 1));
        }
    }

    private static Loop LoopOf(DType type) => type switch
    {
        DType.Q8_0 => Q8,
        DType.Q4_0 => (block, y) => Small(block, y, hasMinimum: false, high: false),
        DType.Q4_1 => (block, y) => Small(block, y, hasMinimum: true, high: false),
        DType.Q5_0 => (block, y) => Small(block, y, hasMinimum: false, high: true),
        DType.Q5_1 => (block, y) => Small(block, y, hasMinimum: true, high: true),
        DType.Q4_K => (block, y) => FourOrFive(block, y, high: false),
        DType.Q5_K => (block, y) => FourOrFive(block, y, high: true),
        _ => Six,
    };

    private static float F16(byte[] block, int at) => (float)BitConverter.ToHalf(block, at);

    private static void Q8(byte[] block, float[] y)
    {
        for (int j = 0; j < 32; j++)
        {
            y[j] = (sbyte)block[2 + j] * F16(block, 0);
        }
    }

    private static void Small(byte[] block, float[] y, bool hasMinimum, bool high)
    {
        int at = hasMinimum ? 4 : 2;
        uint qh = high ? BitConverter.ToUInt32(block, at) : 0;
        at += high ? 4 : 0;
        for (int j = 0; j < 16; j++)
        {
            int x0 = (block[at + j] & 0x0F) | (int)(((qh >> j) << 4) & 0x10);
            int x1 = (block[at + j] >> 4) | (int)((qh >> (j + 12)) & 0x10);
            int zero = hasMinimum ? 0 : high ? 16 : 8;
            float m = hasMinimum ? F16(block, 2) : 0;
            y[j] = hasMinimum ? x0 * F16(block, 0) + m : (x0 - zero) * F16(block, 0);
            y[j + 16] = hasMinimum ? x1 * F16(block, 0) + m : (x1 - zero) * F16(block, 0);
        }
    }

    private static void FourOrFive(byte[] block, float[] y, bool high)
    {
        (int ql, int qh, int u, int n) = (high ? 48 : 16, 16, 1, 0);
        for (int scale = 0; scale < 8; scale += 2, ql += 32, u <<= 2)
        {
            for (int part = 0; part < 2; part++)
            {
                (byte sc, byte m) = ScaleAndMinimum(scale + part, block.AsSpan(4));
                (float d1, float m1) = (F16(block, 0) * sc, F16(block, 2) * m);
                for (int l = 0; l < 32; l++)
                {
                    int q = part == 0 ? block[ql + l] & 0xF : block[ql + l] >> 4;
                    q += high && (block[qh + l] & (u << part)) != 0 ? 16 : 0;
                    y[n++] = d1 * q - m1;
                }
            }
        }
    }

    private static (byte Scale, byte Minimum) ScaleAndMinimum(int j, ReadOnlySpan<byte> q) => j < 4
        ? ((byte)(q[j] & 63), (byte)(q[j + 4] & 63))
        : ((byte)((q[j + 4] & 0xF) | ((q[j - 4] >> 6) << 4)), (byte)((q[j + 4] >> 4) | ((q[j] >> 6) << 4)));

    private static void Six(byte[] block, float[] y)
    {
        (int ql, int qh, int sc) = (0, 128, 192);
        for (int n = 0; n < 256; n += 128, ql += 64, qh += 32, sc += 8)
        {
            for (int l = 0; l < 32; l++)
            {
                int q1 = ((block[ql + l] & 0xF) | (((block[qh + l] >> 0) & 3) << 4)) - 32;
                int q2 = ((block[ql + l + 32] & 0xF) | (((block[qh + l] >> 2) & 3) << 4)) - 32;
                int q3 = ((block[ql + l] >> 4) | (((block[qh + l] >> 4) & 3) << 4)) - 32;
                int q4 = ((block[ql + l + 32] >> 4) | (((block[qh + l] >> 6) & 3) << 4)) - 32;
                y[n + l] = F16(block, 208) * (sbyte)block[sc + l / 16] * q1;
                y[n + l + 32] = F16(block, 208) * (sbyte)block[sc + l / 16 + 2] * q2;
                y[n + l + 64] = F16(block, 208) * (sbyte)block[sc + l / 16 + 4] * q3;
                y[n + l + 96] = F16(block, 208) * (sbyte)block[sc + l / 16 + 6] * q4;
            }
        }
    }
}
