namespace Parley.Tensors.Quantization;

/// <summary>
/// One block format: how a block of weights becomes bytes and floats again. Decoding gives the floats of ggml's
/// <c>dequantize_row_*</c> to the bit (every product but one is exact in F32, so the order of its two roundings is all that
/// matters). Pure; a driver walks the blocks.
/// </summary>
internal interface IBlockCodec
{
    static abstract DType Type { get; }

    /// <summary>Reads one block; <paramref name="weights"/> has the format's block length.</summary>
    static abstract void Decode(ReadOnlySpan<byte> block, Span<float> weights);

    /// <summary>Writes one block, every byte of it.</summary>
    static abstract void Encode(ReadOnlySpan<float> weights, Span<byte> block);
}
