namespace Parley.Tensors.Kernels;

/// <summary>What the conversions between binary16 and binary32 share: their exponents differ in bias by 112.</summary>
internal static class HalfBits
{
    /// <summary>Of a half widened with its sign and shifted by 13: the sign, the exponent and the mantissa.</summary>
    internal const int Kept = unchecked((int)0x8FFFE000);

    /// <summary>65,504, the largest half, as the bits of a float.</summary>
    internal const int Largest = 0x477FE000;

    /// <summary>2^112</summary>
    internal const float ExponentUp = 5.192296858534828e33f;

    /// <summary>2^-112</summary>
    internal const float ExponentDown = 1f / ExponentUp;
}
