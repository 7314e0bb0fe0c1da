using System.Numerics;

namespace Parley.Text.Jinja;

/// <summary>Walking, measuring, indexing and slicing of everything that can be walked.</summary>
internal static class Sequences
{
    /// <summary>What a loop over the value sees: elements, the keys of a dict, the letters of a text; nothing for undefined.</summary>
    /// <exception cref="JinjaFault">The value cannot be walked.</exception>
    public static IReadOnlyList<JinjaValue> Items(JinjaValue value, Meter meter)
    {
        switch (value)
        {
            case JinjaList list:
                meter.Step(list.Items.Count >> 4);
                return list.Items;
            case JinjaMap map:
                meter.Elements(map.Items.Count);
                return [.. map.Items.Keys];
            case JinjaString text:
                return Letters(text.Value, meter);
            case JinjaGenerator generator:
                return generator.Take();
            case JinjaUndefined:
                return [];
            default:
                throw new JinjaFault($"a value of type {value.TypeName} cannot be iterated over");
        }
    }

    public static bool CanIterate(JinjaValue value) => value is JinjaList or JinjaMap or JinjaString or JinjaGenerator or JinjaUndefined;

    public static int Length(JinjaValue value, Meter meter)
    {
        switch (value)
        {
            case JinjaString text:
                meter.Step(text.Text.Length >> 6);
                return CodePoints.Count(text.Text);
            case JinjaList list:
                return list.Items.Count;
            case JinjaMap map:
                return map.Items.Count;
            case JinjaUndefined:
                return 0;
            default:
                throw new JinjaFault($"a value of type {value.TypeName} has no length");
        }
    }

    /// <summary>The element at an index, from the end when negative; null past either end.</summary>
    public static JinjaValue? At(JinjaValue sequence, BigInteger index, Meter meter)
    {
        var length = Length(sequence, meter);
        if (index < 0)
            index += length;
        if (index < 0 || index >= length)
            return null;
        if (sequence is not JinjaString text)
            return ((JinjaList)sequence).Items[(int)index];
        var at = CodePoints.Offset(text.Text, (int)index);
        return text.Value.Slice(at, CodePoints.LengthAt(text.Text, at));
    }

    /// <summary><c>[start:stop:step]</c>; a part left out is null.</summary>
    public static JinjaValue Slice(JinjaValue sequence, BigInteger? start, BigInteger? stop, BigInteger? step, Meter meter)
    {
        if (sequence is not (JinjaString or JinjaList))
            throw new JinjaFault((sequence as JinjaUndefined)?.Reason ?? $"a value of type {sequence.TypeName} cannot be sliced");
        var length = Length(sequence, meter);
        var (first, last, stride) = Bounds(length, start, stop, step);
        if (sequence is JinjaString text && stride == 1)
        {
            var from = CodePoints.Offset(text.Text, first);
            var to = CodePoints.Offset(text.Text, Math.Max(first, last));
            meter.Text(to - from);
            return text.Value.Slice(from, to - from);
        }

        var items = Items(sequence, meter);
        var taken = new List<JinjaValue>();
        for (long i = first; stride > 0 ? i < last : i > last; i += stride)
        {
            meter.Elements(1);
            taken.Add(items[(int)i]);
        }

        return sequence is JinjaList list ? new JinjaList(taken, list.IsTuple, list.Origin) : Joined(taken, meter);
    }

    public static MarkedText Joined(IEnumerable<JinjaValue> parts, Meter meter)
    {
        var output = new MarkedTextBuilder(meter);
        foreach (var part in parts)
            output.Append(ValueText.Of(part, meter));
        return output.ToText();
    }

    private static (int First, int Last, long Step) Bounds(int length, BigInteger? start, BigInteger? stop, BigInteger? step)
    {
        var stride = step ?? 1;
        if (stride.IsZero)
            throw new JinjaFault("the step of a slice cannot be zero");
        var forward = stride > 0;
        var (low, high) = forward ? (0, length) : (-1, length - 1);
        return (Clamp(start, forward ? low : high), Clamp(stop, forward ? high : low), (long)BigInteger.Clamp(stride, -length - 1, length + 1));

        int Clamp(BigInteger? bound, int otherwise) =>
            bound is not { } index ? otherwise : (int)BigInteger.Clamp(index < 0 ? index + length : index, low, high);
    }

    private static List<JinjaValue> Letters(in MarkedText text, Meter meter)
    {
        meter.Elements(2L * text.Length);
        var letters = new List<JinjaValue>(text.Length);
        for (var i = 0; i < text.Length; i += CodePoints.LengthAt(text.Text, i))
            letters.Add(text.Slice(i, CodePoints.LengthAt(text.Text, i)));
        return letters;
    }
}
