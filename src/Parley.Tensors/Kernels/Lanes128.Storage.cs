using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Parley.Tensors.Kernels;

/// <content>Loads and stores of the smaller storage types; see <see cref="Lanes512"/>.</content>
internal readonly unsafe partial struct Lanes128
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes128 PowerOfTwoShifted(Lanes128 shifted) => new(
        PowerOfTwoShifted(shifted._v0), PowerOfTwoShifted(shifted._v1), PowerOfTwoShifted(shifted._v2), PowerOfTwoShifted(shifted._v3));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes128 LoadHalf(ushort* source)
    {
        Vector128<short> low = Vector128.Load((short*)source), high = Vector128.Load((short*)source + 8);
        return new(
            FromHalf(Vector128.WidenLower(low)), FromHalf(Vector128.WidenUpper(low)),
            FromHalf(Vector128.WidenLower(high)), FromHalf(Vector128.WidenUpper(high)));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void StoreHalf(ushort* target)
    {
        Vector128.Narrow(ToHalf(_v0), ToHalf(_v1)).Store(target);
        Vector128.Narrow(ToHalf(_v2), ToHalf(_v3)).Store(target + 8);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes128 LoadBFloat16(ushort* source)
    {
        Vector128<ushort> low = Vector128.Load(source), high = Vector128.Load(source + 8);
        return new(
            FromBFloat16(Vector128.WidenLower(low)), FromBFloat16(Vector128.WidenUpper(low)),
            FromBFloat16(Vector128.WidenLower(high)), FromBFloat16(Vector128.WidenUpper(high)));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void StoreBFloat16(ushort* target)
    {
        Vector128.Narrow(ToBFloat16(_v0), ToBFloat16(_v1)).Store(target);
        Vector128.Narrow(ToBFloat16(_v2), ToBFloat16(_v3)).Store(target + 8);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes128 LoadBytes(sbyte* source)
    {
        Vector128<short> low = Vector128.WidenLower(Vector128.Load(source)), high = Vector128.WidenUpper(Vector128.Load(source));
        return new(
            Vector128.ConvertToSingle(Vector128.WidenLower(low)), Vector128.ConvertToSingle(Vector128.WidenUpper(low)),
            Vector128.ConvertToSingle(Vector128.WidenLower(high)), Vector128.ConvertToSingle(Vector128.WidenUpper(high)));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void StoreBytes(sbyte* target)
    {
        var low = Vector128.Narrow(ToByte(_v0), ToByte(_v1));
        Vector128.Narrow(low, Vector128.Narrow(ToByte(_v2), ToByte(_v3))).AsSByte().Store(target);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<float> PowerOfTwoShifted(Vector128<float> shifted) =>
        Vector128.ShiftLeft(shifted.AsInt32() + Vector128.Create(127), 23).AsSingle();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<float> FromHalf(Vector128<int> widened) =>
        (Vector128.ShiftLeft(widened, 13) & Vector128.Create(HalfBits.Kept)).AsSingle() * Vector128.Create(HalfBits.ExponentUp);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<uint> ToHalf(Vector128<float> value)
    {
        var size = Vector128.Min(value.AsInt32() & Vector128.Create(int.MaxValue), Vector128.Create(HalfBits.Largest));
        var bits = (size.AsSingle() * Vector128.Create(HalfBits.ExponentDown)).AsInt32();
        bits += Vector128.Create(0xFFF) + (Vector128.ShiftRightLogical(bits, 13) & Vector128<int>.One);
        var sign = Vector128.ShiftRightLogical(value.AsInt32(), 16) & Vector128.Create(0x8000);
        return (Vector128.ShiftRightLogical(bits, 13) | sign).AsUInt32();
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<float> FromBFloat16(Vector128<uint> widened) => Vector128.ShiftLeft(widened, 16).AsSingle();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<uint> ToBFloat16(Vector128<float> value)
    {
        var bits = value.AsUInt32();
        return Vector128.ShiftRightLogical(bits + Vector128.Create(0x7FFFu) + (Vector128.ShiftRightLogical(bits, 16) & Vector128<uint>.One), 16);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<uint> ToByte(Vector128<float> value) =>
        (value + Vector128.Create(LanesMath.RoundingShift)).AsUInt32() & Vector128.Create(0xFFu);
}
