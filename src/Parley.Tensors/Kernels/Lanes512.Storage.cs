using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Parley.Tensors.Kernels;

/// <content>Loads and stores of the smaller storage types. .NET has no conversion of binary16 vectors: it is done on integers.</content>
internal readonly unsafe partial struct Lanes512
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes512 PowerOfTwoShifted(Lanes512 shifted) =>
        new(Vector512.ShiftLeft(shifted._value.AsInt32() + Vector512.Create(127), 23).AsSingle());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes512 LoadHalf(ushort* source)
    {
        var bits = Vector512.ShiftLeft(Widen((short*)source), 13) & Vector512.Create(HalfBits.Kept);
        return new(bits.AsSingle() * Vector512.Create(HalfBits.ExponentUp));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void StoreHalf(ushort* target)
    {
        var size = Vector512.Min(_value.AsInt32() & Vector512.Create(int.MaxValue), Vector512.Create(HalfBits.Largest));
        var bits = (size.AsSingle() * Vector512.Create(HalfBits.ExponentDown)).AsInt32();
        bits += Vector512.Create(0xFFF) + (Vector512.ShiftRightLogical(bits, 13) & Vector512<int>.One);
        var sign = Vector512.ShiftRightLogical(_value.AsInt32(), 16) & Vector512.Create(0x8000);
        Narrow(Vector512.ShiftRightLogical(bits, 13) | sign).Store(target);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes512 LoadBFloat16(ushort* source) => new(Vector512.ShiftLeft(Widen((short*)source), 16).AsSingle());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void StoreBFloat16(ushort* target)
    {
        var bits = _value.AsInt32();
        bits += Vector512.Create(0x7FFF) + (Vector512.ShiftRightLogical(bits, 16) & Vector512<int>.One);
        Narrow(Vector512.ShiftRightLogical(bits, 16)).Store(target);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes512 LoadBytes(sbyte* source)
    {
        if (Avx512F.IsSupported) return new(Vector512.ConvertToSingle(Avx512F.ConvertToVector512Int32(Vector128.Load(source))));
        var words = Vector256.Create(Vector128.WidenLower(Vector128.Load(source)), Vector128.WidenUpper(Vector128.Load(source)));
        return new(Vector512.ConvertToSingle(Vector512.Create(Vector256.WidenLower(words), Vector256.WidenUpper(words))));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void StoreBytes(sbyte* target)
    {
        // The sum's low byte is the rounded number's two's complement.
        var bits = (_value + Vector512.Create(LanesMath.RoundingShift)).AsInt32();
        if (Avx512F.IsSupported)
        {
            Avx512F.ConvertToVector128SByte(bits).Store(target);
            return;
        }

        var words = Narrow(bits & Vector512.Create(0xFF));
        Vector128.Narrow(words.GetLower(), words.GetUpper()).AsSByte().Store(target);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<int> Widen(short* source) => Avx512F.IsSupported
        ? Avx512F.ConvertToVector512Int32(Vector256.Load(source))
        : Vector512.Create(Vector256.WidenLower(Vector256.Load(source)), Vector256.WidenUpper(Vector256.Load(source)));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<ushort> Narrow(Vector512<int> value) => Avx512F.IsSupported
        ? Avx512F.ConvertToVector256UInt16(value.AsUInt32())
        : Vector256.Narrow(value.GetLower().AsUInt32(), value.GetUpper().AsUInt32());
}
