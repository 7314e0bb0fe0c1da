namespace Parley.Tensors.Kernels;

/// <content>Loads and stores of the smaller storage types: the definition.</content>
internal unsafe partial struct LanesScalar
{
    public static LanesScalar PowerOfTwoShifted(LanesScalar shifted)
    {
        for (int i = 0; i < 16; i++)
        {
            shifted._lanes[i] = BitConverter.Int32BitsToSingle((BitConverter.SingleToInt32Bits(shifted._lanes[i]) + 127) << 23);
        }

        return shifted;
    }

    public static LanesScalar LoadHalf(ushort* source)
    {
        LanesScalar result = default;
        for (int i = 0; i < 16; i++)
        {
            // The sign is carried to the top by the widening; the half's exponent then lies 112 too low.
            int bits = ((short)source[i] << 13) & HalfBits.Kept;
            result._lanes[i] = BitConverter.Int32BitsToSingle(bits) * HalfBits.ExponentUp;
        }

        return result;
    }

    public readonly void StoreHalf(ushort* target)
    {
        for (int i = 0; i < 16; i++)
        {
            int bits = BitConverter.SingleToInt32Bits(_lanes[i]), size = Math.Min(bits & int.MaxValue, HalfBits.Largest);

            // The lower exponent makes what is subnormal as a half subnormal as a float, so one rounding serves both.
            int low = BitConverter.SingleToInt32Bits(BitConverter.Int32BitsToSingle(size) * HalfBits.ExponentDown);
            target[i] = (ushort)(((low + 0xFFF + ((low >> 13) & 1)) >> 13) | ((bits >> 16) & 0x8000));
        }
    }

    public static LanesScalar LoadBFloat16(ushort* source)
    {
        LanesScalar result = default;
        for (int i = 0; i < 16; i++)
        {
            result._lanes[i] = BitConverter.Int32BitsToSingle(source[i] << 16);
        }

        return result;
    }

    public readonly void StoreBFloat16(ushort* target)
    {
        for (int i = 0; i < 16; i++)
        {
            uint bits = BitConverter.SingleToUInt32Bits(_lanes[i]);
            target[i] = (ushort)((bits + 0x7FFF + ((bits >> 16) & 1)) >> 16);
        }
    }

    public static LanesScalar LoadBytes(sbyte* source)
    {
        LanesScalar result = default;
        for (int i = 0; i < 16; i++)
        {
            result._lanes[i] = source[i];
        }

        return result;
    }

    public readonly void StoreBytes(sbyte* target)
    {
        for (int i = 0; i < 16; i++)
        {
            target[i] = (sbyte)BitConverter.SingleToInt32Bits(_lanes[i] + LanesMath.RoundingShift);
        }
    }
}
