using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Parley.Tensors.Kernels;

/// <content>Loads and stores of the smaller storage types; see <see cref="Lanes512"/>.</content>
internal readonly unsafe partial struct Lanes256
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes256 PowerOfTwoShifted(Lanes256 shifted) => new(PowerOfTwoShifted(shifted._v0), PowerOfTwoShifted(shifted._v1));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes256 LoadHalf(ushort* source)
    {
        var halves = Vector256.Load((short*)source);
        return new(FromHalf(Vector256.WidenLower(halves)), FromHalf(Vector256.WidenUpper(halves)));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void StoreHalf(ushort* target) => Vector256.Narrow(ToHalf(_v0), ToHalf(_v1)).Store(target);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes256 LoadBFloat16(ushort* source)
    {
        var halves = Vector256.Load(source);
        return new(
            Vector256.ShiftLeft(Vector256.WidenLower(halves), 16).AsSingle(), Vector256.ShiftLeft(Vector256.WidenUpper(halves), 16).AsSingle());
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void StoreBFloat16(ushort* target) => Vector256.Narrow(ToBFloat16(_v0), ToBFloat16(_v1)).Store(target);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes256 LoadBytes(sbyte* source)
    {
        var bytes = Vector128.Load(source);
        var words = Vector256.Create(Vector128.WidenLower(bytes), Vector128.WidenUpper(bytes));
        return new(Vector256.ConvertToSingle(Vector256.WidenLower(words)), Vector256.ConvertToSingle(Vector256.WidenUpper(words)));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void StoreBytes(sbyte* target)
    {
        Vector256<uint> shift = Vector256.Create(0xFFu), low = (_v0 + Vector256.Create(LanesMath.RoundingShift)).AsUInt32() & shift;
        var words = Vector256.Narrow(low, (_v1 + Vector256.Create(LanesMath.RoundingShift)).AsUInt32() & shift);
        Vector128.Narrow(words.GetLower(), words.GetUpper()).AsSByte().Store(target);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<float> PowerOfTwoShifted(Vector256<float> shifted) =>
        Vector256.ShiftLeft(shifted.AsInt32() + Vector256.Create(127), 23).AsSingle();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<float> FromHalf(Vector256<int> widened) =>
        (Vector256.ShiftLeft(widened, 13) & Vector256.Create(HalfBits.Kept)).AsSingle() * Vector256.Create(HalfBits.ExponentUp);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<uint> ToHalf(Vector256<float> value)
    {
        var size = Vector256.Min(value.AsInt32() & Vector256.Create(int.MaxValue), Vector256.Create(HalfBits.Largest));
        var bits = (size.AsSingle() * Vector256.Create(HalfBits.ExponentDown)).AsInt32();
        bits += Vector256.Create(0xFFF) + (Vector256.ShiftRightLogical(bits, 13) & Vector256<int>.One);
        var sign = Vector256.ShiftRightLogical(value.AsInt32(), 16) & Vector256.Create(0x8000);
        return (Vector256.ShiftRightLogical(bits, 13) | sign).AsUInt32();
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<uint> ToBFloat16(Vector256<float> value)
    {
        var bits = value.AsUInt32();
        return Vector256.ShiftRightLogical(bits + Vector256.Create(0x7FFFu) + (Vector256.ShiftRightLogical(bits, 16) & Vector256<uint>.One), 16);
    }
}
