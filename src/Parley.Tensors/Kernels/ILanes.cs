namespace Parley.Tensors.Kernels;

/// <summary>
/// Sixteen logical float lanes. A kernel is written once over these and runs at every vector width with the same bits:
/// each member is exact per lane (one rounding, or none), and the reductions use one fixed tree. There is no unfused
/// multiply-add to be contracted: what is written is what is rounded.
/// </summary>
internal unsafe interface ILanes<TSelf>
    where TSelf : struct, ILanes<TSelf>
{
    /// <summary>Lanes in one value, at every width.</summary>
    const int Count = 16;

    static abstract TSelf Zero { get; }

    /// <summary>Sixteen floats; no alignment is required.</summary>
    static abstract TSelf Load(float* source);

    /// <summary>The upper halves of sixteen words: floats whose lower 16 bits are zero.</summary>
    static abstract TSelf LoadUpperHalves(uint* source);

    /// <summary>The lower halves of sixteen words, likewise.</summary>
    static abstract TSelf LoadLowerHalves(uint* source);

    /// <summary>Sixteen floats; no alignment is required.</summary>
    void Store(float* target);

    static abstract TSelf Broadcast(float value);

    static abstract TSelf operator +(TSelf a, TSelf b);

    static abstract TSelf operator -(TSelf a, TSelf b);

    static abstract TSelf operator *(TSelf a, TSelf b);

    static abstract TSelf operator /(TSelf a, TSelf b);

    /// <summary>a * b + c with one rounding.</summary>
    static abstract TSelf FusedMultiplyAdd(TSelf a, TSelf b, TSelf c);

    /// <summary>a &gt; b ? a : b, so b when either is NaN.</summary>
    static abstract TSelf Max(TSelf a, TSelf b);

    /// <summary>a &lt; b ? a : b, so b when either is NaN.</summary>
    static abstract TSelf Min(TSelf a, TSelf b);

    /// <summary>a &gt; b ? whenGreater : otherwise.</summary>
    static abstract TSelf SelectGreater(TSelf a, TSelf b, TSelf whenGreater, TSelf otherwise);

    static abstract TSelf Sqrt(TSelf a);

    static abstract TSelf Abs(TSelf a);

    /// <summary>The size of a with the sign of b.</summary>
    static abstract TSelf CopySign(TSelf a, TSelf b);

    /// <summary>2^n for whole n from -126 to 127.</summary>
    static abstract TSelf PowerOfTwo(TSelf n);

    /// <summary>2^n for whole n from -126 to 127, given as n + <see cref="LanesMath.RoundingShift"/>.</summary>
    static abstract TSelf PowerOfTwoShifted(TSelf shifted);

    /// <summary>
    /// Sixteen finite IEEE binary16 numbers. Infinities and NaN, which <see cref="StoreHalf"/> never writes, read as large finite numbers.
    /// </summary>
    static abstract TSelf LoadHalf(ushort* source);

    /// <summary>Rounds to the nearest binary16, ties to even; what is beyond 65,504 (or NaN) becomes that, with its sign.</summary>
    void StoreHalf(ushort* target);

    /// <summary>Sixteen bfloat16 numbers, the upper halves of floats.</summary>
    static abstract TSelf LoadBFloat16(ushort* source);

    /// <summary>Rounds to the nearest bfloat16, ties to even.</summary>
    void StoreBFloat16(ushort* target);

    /// <summary>Sixteen signed bytes.</summary>
    static abstract TSelf LoadBytes(sbyte* source);

    /// <summary>Rounds to the nearest whole number, ties to even; sizes must be at most 127.</summary>
    void StoreBytes(sbyte* target);

    /// <summary>The sum of the lanes by the tree (l, l+8), (l, l+4), (l, l+2), (l, l+1).</summary>
    static abstract float Sum(TSelf a);

    /// <summary>The largest lane, by the tree of <see cref="Sum"/> and the rule of <see cref="Max"/>.</summary>
    static abstract float Largest(TSelf a);
}
