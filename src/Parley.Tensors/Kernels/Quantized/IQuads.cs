namespace Parley.Tensors.Kernels;

/// <summary>
/// A vector of 32-bit lanes, each one row of a tile, seen as four bytes of numbers, an integer sum or a float by turns. Every member is exact or
/// rounds once per lane, so that all widths give the same bits.
/// </summary>
internal unsafe interface IQuads<TSelf>
    where TSelf : struct, IQuads<TSelf>
{
    /// <summary>Rows in a vector: 4, 8 or 16.</summary>
    static abstract int Rows { get; }

    /// <summary>Whether <see cref="Dot8"/> takes the numbers less 128 already, so that no term is to be added.</summary>
    static abstract bool OffsetInDot8 { get; }

    static abstract TSelf Zero { get; }

    static abstract TSelf Load(byte* source);

    void Store(float* target);

    /// <summary>The same word in every lane.</summary>
    static abstract TSelf Broadcast(int value);

    static abstract TSelf operator &(TSelf a, TSelf b);

    static abstract TSelf operator |(TSelf a, TSelf b);

    /// <summary>Shifts lanes; bits that cross a byte's border are for the caller to mask.</summary>
    static abstract TSelf ShiftRight(TSelf a, int bits);

    static abstract TSelf ShiftLeft(TSelf a, int bits);

    /// <summary>Per lane, sum + the four products of unsigned numbers below 64 and signed ones of at most 127.</summary>
    static abstract TSelf Dot(TSelf sum, TSelf numbers, TSelf x);

    /// <summary>As <see cref="Dot"/> for numbers below 16 and at most eight times; the sum may be in two halves until <see cref="Widen"/>.</summary>
    static abstract TSelf Dot4(TSelf sum, TSelf numbers, TSelf x);

    static abstract TSelf Widen(TSelf sum);

    /// <summary>As <see cref="Dot"/> for numbers up to 255, which are those less 128 if <see cref="OffsetInDot8"/>.</summary>
    static abstract TSelf Dot8(TSelf sum, TSelf numbers, TSelf x);

    /// <summary>F16 to F32 for finite values.</summary>
    static abstract TSelf FromHalf(byte* source);

    /// <summary>fma(float(dot + term) * scale, factor, sum).</summary>
    static abstract TSelf Fold(TSelf sum, TSelf dot, TSelf term, TSelf scale, TSelf factor);

    /// <summary>a * b + c with one rounding.</summary>
    static abstract TSelf FusedMultiplyAdd(TSelf a, TSelf b, TSelf c);
}

/// <summary>A number of tokens as a type, so that the compiler drops the accumulators of the others.</summary>
internal interface ITokenCount
{
    static abstract int Count { get; }
}

internal readonly struct OneToken : ITokenCount
{
    public static int Count => 1;
}

internal readonly struct TwoTokens : ITokenCount
{
    public static int Count => 2;
}

internal readonly struct ThreeTokens : ITokenCount
{
    public static int Count => 3;
}

internal readonly struct FourTokens : ITokenCount
{
    public static int Count => 4;
}
