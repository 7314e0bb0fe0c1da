using System.Numerics;

namespace Parley.Text.Jinja;

/// <summary>Equality, order and membership as Python defines them.</summary>
internal static class Comparisons
{
    public static bool AreEqual(JinjaValue a, JinjaValue b, Meter meter)
    {
        meter.Step();
        switch (a, b)
        {
            case (JinjaString x, JinjaString y):
                meter.Step(Math.Min(x.Text.Length, y.Text.Length) >> 6);
                return x.Text == y.Text;
            case (JinjaList x, JinjaList y):
                return x.IsTuple == y.IsTuple && x.Items.Count == y.Items.Count && Nested(() => x.Items.Zip(y.Items).All(pair => AreEqual(pair.First, pair.Second, meter)));
            case (JinjaMap x, JinjaMap y):
                return x.Items.Count == y.Items.Count
                    && Nested(() => x.Items.All(pair => y.Items.TryGetValue(pair.Key, out var other) && AreEqual(pair.Value, other, meter)));
            case (JinjaUndefined, JinjaUndefined):
                return true;
            default:
                return Number.Is(a) && Number.Is(b) ? Number.Compare(a, b) == 0 : ReferenceEquals(a, b);
        }

        bool Nested(Func<bool> compare)
        {
            meter.Enter();
            var equal = compare();
            meter.Leave();
            return equal;
        }
    }

    /// <summary>Negative, zero or positive; null when one of two numbers is not a number.</summary>
    /// <exception cref="JinjaFault">Python has no order for the two.</exception>
    public static int? Compare(JinjaValue a, JinjaValue b, string operation, Meter meter)
    {
        meter.Step();
        if (Number.Is(a) && Number.Is(b))
            return Number.Compare(a, b);
        if (a is JinjaString x && b is JinjaString y)
        {
            meter.Step(Math.Min(x.Text.Length, y.Text.Length) >> 6);
            return string.CompareOrdinal(x.Text, y.Text);
        }

        if (a is not JinjaList first || b is not JinjaList second || first.IsTuple != second.IsTuple)
            throw new JinjaFault(
                (a as JinjaUndefined ?? b as JinjaUndefined)?.Reason ?? $"'{operation}' is not supported between {a.TypeName} and {b.TypeName}");
        meter.Enter();
        var order = (int?)first.Items.Count.CompareTo(second.Items.Count);
        foreach (var (one, other) in first.Items.Zip(second.Items))
        {
            if (!AreEqual(one, other, meter))
            {
                order = Compare(one, other, operation, meter);
                break;
            }
        }

        meter.Leave();
        return order;
    }

    public static bool Contains(JinjaValue container, JinjaValue item, Meter meter)
    {
        switch (container)
        {
            case JinjaString text when item is JinjaString wanted:
                meter.Search(text.Text.Length, wanted.Text.Length);
                return text.Text.Contains(wanted.Text, StringComparison.Ordinal);
            case JinjaString:
                throw new JinjaFault(item is JinjaUndefined missing ? missing.Reason : $"'in <string>' needs a string on its left, not {item.TypeName}");
            case JinjaMap map:
                meter.Step();
                return map.Items.ContainsKey(KeyEquality.Checked(item, meter));
            default:
                return Sequences.Items(container, meter).Any(entry => AreEqual(entry, item, meter));
        }
    }
}

/// <summary>The numbers of Python: bool, int, float.</summary>
internal static class Number
{
    public static bool Is(JinjaValue value) => value is JinjaBool or JinjaInt or JinjaFloat;

    /// <summary>As an integer; null for a float and what is no number.</summary>
    public static BigInteger? Integer(JinjaValue value) => value switch
    {
        JinjaBool boolean => boolean.Value ? 1 : 0,
        JinjaInt integer => integer.Value,
        _ => null,
    };

    public static double Float(JinjaValue value) => value is JinjaFloat real ? real.Value : (double)Integer(value)!.Value;

    /// <summary>Null when one is not a number (NaN).</summary>
    public static int? Compare(JinjaValue a, JinjaValue b)
    {
        if (Integer(a) is { } x && Integer(b) is { } y)
            return x.CompareTo(y);
        var (one, other) = (Float(a), Float(b));
        return double.IsNaN(one) || double.IsNaN(other) ? null : one.CompareTo(other);
    }
}
