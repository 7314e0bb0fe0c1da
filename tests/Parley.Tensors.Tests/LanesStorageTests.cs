using Parley.Tensors.Kernels;

namespace Parley.Tensors.Tests;

/// <summary>The smaller storage types of the lanes: every half as .NET reads it, rounding as .NET rounds, the same bits at every width.</summary>
public sealed unsafe class LanesStorageTests
{
    [Fact]
    public void Every_finite_half_reads_as_the_runtime_reads_it()
    {
        for (var first = 0; first < 65536; first += 16)
        {
            var halves = Enumerable.Range(first, 16).Select(bits => BitConverter.UInt16BitsToHalf((ushort)bits)).ToArray();
            if (!Half.IsFinite(halves[0])) continue;
            float[] expected = [.. halves.Select(half => (float)half)];
            Everywhere(halves, expected, static (source, target, lanes) => ReadHalf(source, target, lanes));
        }
    }

    [Fact]
    public void A_half_is_rounded_as_the_runtime_rounds_it()
    {
        foreach (var values in Numbers(65504))
        {
            float[] expected = [.. values.Select(value => (float)(Half)value)];
            Everywhere(values, expected, static (source, target, lanes) =>
            {
                var halves = stackalloc ushort[16];
                StoreHalf(source, halves, lanes);
                ReadHalf(halves, target, lanes);
            });
        }
    }

    [Fact]
    public void A_bfloat16_is_rounded_to_the_nearest_even()
    {
        foreach (var values in Numbers(1e30f))
        {
            var bytes = new byte[32];
            DTypes.Encode(DType.BF16, values, bytes);
            var expected = new float[16];
            DTypes.Decode(DType.BF16, bytes, expected);
            Everywhere(values, expected, static (source, target, lanes) =>
            {
                var numbers = stackalloc ushort[16];
                switch (lanes)
                {
                    case 128: Lanes128.Load((float*)source).StoreBFloat16(numbers); Lanes128.LoadBFloat16(numbers).Store(target); break;
                    case 256: Lanes256.Load((float*)source).StoreBFloat16(numbers); Lanes256.LoadBFloat16(numbers).Store(target); break;
                    case 512: Lanes512.Load((float*)source).StoreBFloat16(numbers); Lanes512.LoadBFloat16(numbers).Store(target); break;
                    default: LanesScalar.Load((float*)source).StoreBFloat16(numbers); LanesScalar.LoadBFloat16(numbers).Store(target); break;
                }
            });
        }
    }

    [Fact]
    public void Bytes_are_rounded_to_the_nearest_even()
    {
        foreach (var values in Numbers(127))
        {
            float[] expected = [.. values.Select(value => MathF.Round(value, MidpointRounding.ToEven) + 0f)];
            Everywhere(values, expected, static (source, target, lanes) =>
            {
                var numbers = stackalloc sbyte[16];
                switch (lanes)
                {
                    case 128: Lanes128.Load((float*)source).StoreBytes(numbers); Lanes128.LoadBytes(numbers).Store(target); break;
                    case 256: Lanes256.Load((float*)source).StoreBytes(numbers); Lanes256.LoadBytes(numbers).Store(target); break;
                    case 512: Lanes512.Load((float*)source).StoreBytes(numbers); Lanes512.LoadBytes(numbers).Store(target); break;
                    default: LanesScalar.Load((float*)source).StoreBytes(numbers); LanesScalar.LoadBytes(numbers).Store(target); break;
                }
            });
        }
    }

    private delegate void Conversion(void* source, float* target, int lanes);

    /// <summary>Sixteen numbers at a time, of many sizes, up to a limit, with ties.</summary>
    private static IEnumerable<float[]> Numbers(float limit)
    {
        for (ulong seed = 0; seed < 500; seed++)
        {
            var values = Tests.Numbers.Normal(16, seed);
            for (var i = 0; i < 16; i++) values[i] = Math.Clamp(values[i] * MathF.Pow(10, i - 8), -limit, limit);
            if (seed % 3 == 0) values = [.. values.Select((value, i) => i % 2 == 0 ? MathF.Round(value) + 0.5f : value * 2048 / 2048)];
            yield return [.. values.Select(value => Math.Clamp(value, -limit, limit))];
        }
    }

    private static void ReadHalf(void* source, float* target, int lanes)
    {
        switch (lanes)
        {
            case 128: Lanes128.LoadHalf((ushort*)source).Store(target); break;
            case 256: Lanes256.LoadHalf((ushort*)source).Store(target); break;
            case 512: Lanes512.LoadHalf((ushort*)source).Store(target); break;
            default: LanesScalar.LoadHalf((ushort*)source).Store(target); break;
        }
    }

    private static void StoreHalf(void* source, ushort* halves, int lanes)
    {
        switch (lanes)
        {
            case 128: Lanes128.Load((float*)source).StoreHalf(halves); break;
            case 256: Lanes256.Load((float*)source).StoreHalf(halves); break;
            case 512: Lanes512.Load((float*)source).StoreHalf(halves); break;
            default: LanesScalar.Load((float*)source).StoreHalf(halves); break;
        }
    }

    private static void Everywhere<T>(T[] source, float[] expected, Conversion conversion)
        where T : unmanaged
    {
        var actual = new float[16];
        foreach (var lanes in (int[])[1, 128, 256, 512])
        {
            fixed (T* from = source)
            fixed (float* to = actual) conversion(from, to, lanes);
            Variants.SameBits(expected, actual);
        }
    }
}
