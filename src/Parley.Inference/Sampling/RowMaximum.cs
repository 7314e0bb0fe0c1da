using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Parley.Inference;

/// <summary>The largest value of a row and where it stands first, 16 values at a time. NaN counts as least.</summary>
internal static class RowMaximum
{
    private const int Lanes = 16;

    /// <summary>The lowest index of the largest value; index 0 when no value is above minus infinity.</summary>
    public static (int Index, float Value) Find(ReadOnlySpan<float> values)
    {
        var (largest, at) = (Vector512.Create(float.NegativeInfinity), Vector512<int>.Zero);
        var (indices, step) = (Vector512.CreateSequence(0, 1), Vector512.Create(Lanes));
        ref var first = ref MemoryMarshal.GetReference(values);
        var whole = values.Length / Lanes * Lanes;
        for (var i = 0; i < whole; i += Lanes)
        {
            var next = Vector512.LoadUnsafe(ref first, (nuint)i);
            var above = Vector512.GreaterThan(next, largest);
            largest = Vector512.ConditionalSelect(above, next, largest);
            at = Vector512.ConditionalSelect(above.AsInt32(), indices, at);
            indices += step;
        }

        var best = (Index: 0, Value: float.NegativeInfinity);
        for (var lane = 0; lane < Lanes; lane++)
        {
            best = Better(best, (at[lane], largest[lane]));
        }

        for (var i = whole; i < values.Length; i++)
        {
            best = Better(best, (i, values[i]));
        }

        return best;
    }

    /// <summary>True when one of the 16 values from <paramref name="at"/> on is above the bound.</summary>
    public static bool AnyAbove(ReadOnlySpan<float> values, int at, float bound) =>
        Vector512.GreaterThanAny(Vector512.LoadUnsafe(ref MemoryMarshal.GetReference(values), (nuint)at), Vector512.Create(bound));

    private static (int Index, float Value) Better((int Index, float Value) a, (int Index, float Value) b) =>
        b.Value > a.Value || (b.Value == a.Value && b.Index < a.Index) ? b : a;
}
