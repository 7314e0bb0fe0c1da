namespace Parley.Tensors.Quantization;

/// <summary>Walks blocks of any block format; the lengths have been checked (<see cref="DTypes"/>).</summary>
internal static class BlockCodec
{
    public static void Decode(DType type, ReadOnlySpan<byte> source, Span<float> target)
    {
        switch (type)
        {
            case DType.Q8_0: Decode<Q8_0Codec>(source, target); break;
            case DType.Q4_0: Decode<Q4_0Codec>(source, target); break;
            case DType.Q4_1: Decode<Q4_1Codec>(source, target); break;
            case DType.Q5_0: Decode<Q5_0Codec>(source, target); break;
            case DType.Q5_1: Decode<Q5_1Codec>(source, target); break;
            case DType.Q4_K: Decode<Q4_KCodec>(source, target); break;
            case DType.Q5_K: Decode<Q5_KCodec>(source, target); break;
            case DType.Q6_K: Decode<Q6_KCodec>(source, target); break;
            default: throw new ArgumentOutOfRangeException(nameof(type), type, "Not a block format.");
        }
    }

    public static void Encode(DType type, ReadOnlySpan<float> source, Span<byte> target)
    {
        switch (type)
        {
            case DType.Q8_0: Encode<Q8_0Codec>(source, target); break;
            case DType.Q4_0: Encode<Q4_0Codec>(source, target); break;
            case DType.Q4_1: Encode<Q4_1Codec>(source, target); break;
            case DType.Q5_0: Encode<Q5_0Codec>(source, target); break;
            case DType.Q5_1: Encode<Q5_1Codec>(source, target); break;
            case DType.Q4_K: Encode<Q4_KCodec>(source, target); break;
            case DType.Q5_K: Encode<Q5_KCodec>(source, target); break;
            case DType.Q6_K: Encode<Q6_KCodec>(source, target); break;
            default: throw new ArgumentOutOfRangeException(nameof(type), type, "Not a block format.");
        }
    }

    private static void Decode<TCodec>(ReadOnlySpan<byte> source, Span<float> target)
        where TCodec : IBlockCodec
    {
        (int length, int bytes) = (DTypes.BlockLength(TCodec.Type), DTypes.BlockBytes(TCodec.Type));
        for (; !target.IsEmpty; source = source[bytes..], target = target[length..])
        {
            TCodec.Decode(source[..bytes], target[..length]);
        }
    }

    private static void Encode<TCodec>(ReadOnlySpan<float> source, Span<byte> target)
        where TCodec : IBlockCodec
    {
        (int length, int bytes) = (DTypes.BlockLength(TCodec.Type), DTypes.BlockBytes(TCodec.Type));
        for (; !source.IsEmpty; source = source[length..], target = target[bytes..])
        {
            TCodec.Encode(source[..length], target[..bytes]);
        }
    }
}
