using System.Runtime.CompilerServices;

namespace Parley.Tensors.Kernels;

/// <summary>How the elements of a cache are read: sixteen at a time, as floats, before the scale where there is one.</summary>
internal unsafe interface ICacheFormat
{
    /// <summary>Bytes of an element.</summary>
    static abstract int ElementBytes { get; }

    /// <summary>Whether elements are whole numbers times a scale.</summary>
    static abstract bool IsScaled { get; }

    static abstract TLanes Load<TLanes>(byte* elements)
        where TLanes : struct, ILanes<TLanes>;
}

internal readonly unsafe struct SingleFormat : ICacheFormat
{
    public static int ElementBytes => 4;

    public static bool IsScaled => false;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TLanes Load<TLanes>(byte* elements)
        where TLanes : struct, ILanes<TLanes> => TLanes.Load((float*)elements);
}

internal readonly unsafe struct HalfFormat : ICacheFormat
{
    public static int ElementBytes => 2;

    public static bool IsScaled => false;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TLanes Load<TLanes>(byte* elements)
        where TLanes : struct, ILanes<TLanes> => TLanes.LoadHalf((ushort*)elements);
}

internal readonly unsafe struct BFloat16Format : ICacheFormat
{
    public static int ElementBytes => 2;

    public static bool IsScaled => false;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TLanes Load<TLanes>(byte* elements)
        where TLanes : struct, ILanes<TLanes> => TLanes.LoadBFloat16((ushort*)elements);
}

internal readonly unsafe struct ByteFormat : ICacheFormat
{
    public static int ElementBytes => 1;

    public static bool IsScaled => true;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TLanes Load<TLanes>(byte* elements)
        where TLanes : struct, ILanes<TLanes> => TLanes.LoadBytes((sbyte*)elements);
}
