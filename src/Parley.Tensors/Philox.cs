namespace Parley.Tensors;

/// <summary>
/// Counter-based random numbers: Philox4x32-10 (Salmon et al., "Parallel random numbers: as easy as 1, 2, 3", 2011). A
/// number is a pure function of (seed, stream, position), so any thread, process or resumed run draws the same.
/// </summary>
public static class Philox
{
    private const uint Multiplier0 = 0xD2511F53;
    private const uint Multiplier1 = 0xCD9E8D57;
    private const uint Weyl0 = 0x9E3779B9;
    private const uint Weyl1 = 0xBB67AE85;

    /// <summary>Four words of the counter (position, stream) under the key seed, low halves first.</summary>
    public static (uint X, uint Y, uint Z, uint W) Next(ulong seed, ulong stream, ulong position)
    {
        (uint x, uint y, uint z, uint w) = ((uint)position, (uint)(position >> 32), (uint)stream, (uint)(stream >> 32));
        (uint key0, uint key1) = ((uint)seed, (uint)(seed >> 32));
        for (int round = 0; round < 10; round++)
        {
            ulong product0 = (ulong)Multiplier0 * x;
            ulong product1 = (ulong)Multiplier1 * z;
            (x, y, z, w) = ((uint)(product1 >> 32) ^ y ^ key0, (uint)product1, (uint)(product0 >> 32) ^ w ^ key1, (uint)product0);
            (key0, key1) = (key0 + Weyl0, key1 + Weyl1);
        }

        return (x, y, z, w);
    }

    /// <summary>Uniform in [0, 1), a multiple of 2^-24.</summary>
    public static float Uniform(ulong seed, ulong stream, ulong position) => (Next(seed, stream, position).X >> 8) * (1f / (1 << 24));

    /// <summary>Standard normal by Box and Muller from two words of one position.</summary>
    public static float Normal(ulong seed, ulong stream, ulong position)
    {
        (uint x, uint y, _, _) = Next(seed, stream, position);
        return (float)BoxMuller(x, y).First;
    }

    /// <summary>
    /// Fills with normal numbers of standard deviation <paramref name="std"/>, four elements to a position from 0 on, so that
    /// a tensor's values depend on nothing but seed and stream.
    /// </summary>
    public static void FillNormal(Tensor tensor, ulong seed, ulong stream, float std)
    {
        Span<float> values = tensor.DType == DType.F32 ? tensor.WritableFloats() : new float[tensor.Shape.Count];
        Span<float> four = stackalloc float[4];
        for (int i = 0; i < values.Length; i += 4)
        {
            (uint x, uint y, uint z, uint w) = Next(seed, stream, (ulong)i / 4);
            (double a, double b) = BoxMuller(x, y);
            (double c, double d) = BoxMuller(z, w);
            (four[0], four[1], four[2], four[3]) = ((float)(a * std), (float)(b * std), (float)(c * std), (float)(d * std));
            four[..Math.Min(4, values.Length - i)].CopyTo(values[i..]);
        }

        if (tensor.DType != DType.F32)
        {
            tensor.CopyFrom(values);
        }
    }

    // In double, so that the rounding to float hides the last bits in which one platform's logarithm differs from another's.
    private static (double First, double Second) BoxMuller(uint x, uint y)
    {
        double radius = Math.Sqrt(-2 * Math.Log((x + 1.0) / 4294967296.0)); // (0, 1], never log 0
        (double sine, double cosine) = Math.SinCos(2 * Math.PI * (y / 4294967296.0));
        return (radius * cosine, radius * sine);
    }
}
