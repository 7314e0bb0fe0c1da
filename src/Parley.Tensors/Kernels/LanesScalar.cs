using System.Runtime.CompilerServices;

namespace Parley.Tensors.Kernels;

/// <summary>Sixteen lanes as sixteen floats in plain scalar code: the definition of what every width must give, bit by bit.</summary>
internal unsafe partial struct LanesScalar : ILanes<LanesScalar>
{
    private Sixteen _lanes;

    public static LanesScalar Zero => default;

    public static LanesScalar Load(float* source)
    {
        LanesScalar result = default;
        for (int i = 0; i < 16; i++)
        {
            result._lanes[i] = source[i];
        }

        return result;
    }

    public static LanesScalar LoadUpperHalves(uint* source)
    {
        LanesScalar result = default;
        for (int i = 0; i < 16; i++)
        {
            result._lanes[i] = BitConverter.UInt32BitsToSingle(source[i] & 0xFFFF0000);
        }

        return result;
    }

    public static LanesScalar LoadLowerHalves(uint* source)
    {
        LanesScalar result = default;
        for (int i = 0; i < 16; i++)
        {
            result._lanes[i] = BitConverter.UInt32BitsToSingle(source[i] << 16);
        }

        return result;
    }

    public readonly void Store(float* target)
    {
        for (int i = 0; i < 16; i++)
        {
            target[i] = _lanes[i];
        }
    }

    public static LanesScalar Broadcast(float value)
    {
        LanesScalar result = default;
        for (int i = 0; i < 16; i++)
        {
            result._lanes[i] = value;
        }

        return result;
    }

    public static LanesScalar operator +(LanesScalar a, LanesScalar b)
    {
        for (int i = 0; i < 16; i++)
        {
            a._lanes[i] += b._lanes[i];
        }

        return a;
    }

    public static LanesScalar operator -(LanesScalar a, LanesScalar b)
    {
        for (int i = 0; i < 16; i++)
        {
            a._lanes[i] -= b._lanes[i];
        }

        return a;
    }

    public static LanesScalar operator *(LanesScalar a, LanesScalar b)
    {
        for (int i = 0; i < 16; i++)
        {
            a._lanes[i] *= b._lanes[i];
        }

        return a;
    }

    public static LanesScalar operator /(LanesScalar a, LanesScalar b)
    {
        for (int i = 0; i < 16; i++)
        {
            a._lanes[i] /= b._lanes[i];
        }

        return a;
    }

    public static LanesScalar FusedMultiplyAdd(LanesScalar a, LanesScalar b, LanesScalar c)
    {
        for (int i = 0; i < 16; i++)
        {
            c._lanes[i] = MathF.FusedMultiplyAdd(a._lanes[i], b._lanes[i], c._lanes[i]);
        }

        return c;
    }

    public static LanesScalar Max(LanesScalar a, LanesScalar b) => SelectGreater(a, b, a, b);

    public static LanesScalar Min(LanesScalar a, LanesScalar b) => SelectGreater(b, a, a, b);

    public static LanesScalar SelectGreater(LanesScalar a, LanesScalar b, LanesScalar whenGreater, LanesScalar otherwise)
    {
        for (int i = 0; i < 16; i++)
        {
            otherwise._lanes[i] = a._lanes[i] > b._lanes[i] ? whenGreater._lanes[i] : otherwise._lanes[i];
        }

        return otherwise;
    }

    public static LanesScalar Sqrt(LanesScalar a)
    {
        for (int i = 0; i < 16; i++)
        {
            a._lanes[i] = MathF.Sqrt(a._lanes[i]);
        }

        return a;
    }

    public static LanesScalar Abs(LanesScalar a)
    {
        for (int i = 0; i < 16; i++)
        {
            a._lanes[i] = MathF.Abs(a._lanes[i]);
        }

        return a;
    }

    public static LanesScalar CopySign(LanesScalar a, LanesScalar b)
    {
        for (int i = 0; i < 16; i++)
        {
            a._lanes[i] = MathF.CopySign(a._lanes[i], b._lanes[i]);
        }

        return a;
    }

    public static LanesScalar PowerOfTwo(LanesScalar n)
    {
        for (int i = 0; i < 16; i++)
        {
            int bits = BitConverter.SingleToInt32Bits(n._lanes[i] + LanesMath.RoundingShift);
            n._lanes[i] = BitConverter.Int32BitsToSingle((bits + 127) << 23);
        }

        return n;
    }

    public static float Sum(LanesScalar a)
    {
        for (int half = 8; half > 0; half /= 2)
        {
            for (int i = 0; i < half; i++)
            {
                a._lanes[i] += a._lanes[i + half];
            }
        }

        return a._lanes[0];
    }

    public static float Largest(LanesScalar a)
    {
        for (int half = 8; half > 0; half /= 2)
        {
            for (int i = 0; i < half; i++)
            {
                a._lanes[i] = Greater(a._lanes[i], a._lanes[i + half]);
            }
        }

        return a._lanes[0];
    }

    internal static float Greater(float a, float b) => a > b ? a : b;

    [InlineArray(16)]
    private struct Sixteen
    {
        private float _first;
    }
}
