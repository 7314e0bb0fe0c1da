using System.Numerics;

namespace Parley.Text.Jinja;

/// <summary>Arithmetic and comparison between values, as Python defines them.</summary>
internal static class Operators
{
    private const int LargestExponent = JinjaInt.MostBits;

    public static JinjaValue Apply(string operation, JinjaValue left, JinjaValue right, Meter meter)
    {
        if (Number.Is(left) && Number.Is(right))
            return Number.Integer(left) is { } a && Number.Integer(right) is { } b ? OnIntegers(operation, a, b) : OnFloats(operation, Number.Float(left), Number.Float(right));
        return (operation, left, right) switch
        {
            ("+", JinjaString a, JinjaString b) => new MarkedTextBuilder(meter).Append(a.Value).Append(b.Value).ToText(),
            ("+", JinjaList a, JinjaList b) when a.IsTuple == b.IsTuple => Joined(a, b, meter),
            ("*", JinjaString or JinjaList, _) when Number.Integer(right) is { } count => Repeated(left, count, meter),
            ("*", _, JinjaString or JinjaList) when Number.Integer(left) is { } count => Repeated(right, count, meter),
            ("%", JinjaString format, _) => PercentFormat.Apply(format.Value, right is JinjaList { IsTuple: true } tuple ? tuple.Items : [right], right as JinjaMap, meter),
            _ => throw Unsupported(operation, left, right),
        };
    }

    public static JinjaValue Sign(string operation, JinjaValue operand) => (Number.Integer(operand), operand) switch
    {
        ({ } integer, _) => new JinjaInt(operation == "-" ? -integer : integer),
        (_, JinjaFloat real) => new JinjaFloat(operation == "-" ? -real.Value : real.Value),
        _ => throw new JinjaFault((operand as JinjaUndefined)?.Reason ?? $"a value of type {operand.TypeName} has no sign"),
    };

    public static bool Holds(string operation, JinjaValue left, JinjaValue right, Meter meter) => operation switch
    {
        "==" => Comparisons.AreEqual(left, right, meter),
        "!=" => !Comparisons.AreEqual(left, right, meter),
        "in" => Comparisons.Contains(right, left, meter),
        "not in" => !Comparisons.Contains(right, left, meter),
        "<" => Comparisons.Compare(left, right, operation, meter) < 0,
        "<=" => Comparisons.Compare(left, right, operation, meter) <= 0,
        ">" => Comparisons.Compare(left, right, operation, meter) > 0,
        _ => Comparisons.Compare(left, right, operation, meter) >= 0,
    };

    private static JinjaValue OnIntegers(string operation, BigInteger a, BigInteger b)
    {
        switch (operation)
        {
            case "+":
                return new JinjaInt(a + b);
            case "-":
                return new JinjaInt(a - b);
            case "*":
                return new JinjaInt(a * b);
            case "**" when b >= 0:
                if (b > LargestExponent || a.GetBitLength() * b > JinjaInt.MostBits * 2)
                    throw new JinjaFault("the power is too large.");
                return new JinjaInt(BigInteger.Pow(a, (int)b));
            case "**":
                return new JinjaFloat(Math.Pow((double)a, (double)b));
        }

        if (b.IsZero)
            throw new JinjaFault("division by zero");
        if (operation == "/")
            return new JinjaFloat((double)a / (double)b);
        // .NET rounds towards zero, Python down.
        var quotient = BigInteger.DivRem(a, b, out var remainder);
        var down = !remainder.IsZero && remainder.Sign != b.Sign;
        return new JinjaInt(operation == "//" ? (down ? quotient - 1 : quotient) : (down ? remainder + b : remainder));
    }

    private static JinjaFloat OnFloats(string operation, double a, double b)
    {
        if (b == 0 && operation is "/" or "//" or "%")
            throw new JinjaFault("division by zero");
        return new(operation switch
        {
            "+" => a + b,
            "-" => a - b,
            "*" => a * b,
            "/" => a / b,
            "//" => Math.Floor(a / b),
            "%" => a - (b * Math.Floor(a / b)),
            _ => Math.Pow(a, b),
        });
    }

    private static JinjaList Joined(JinjaList a, JinjaList b, Meter meter)
    {
        meter.Elements(a.Items.Count + b.Items.Count);
        return new([.. a.Items, .. b.Items], a.IsTuple, a.Origin == b.Origin ? a.Origin : TextOrigin.Foreign);
    }

    private static JinjaValue Repeated(JinjaValue value, BigInteger count, Meter meter)
    {
        var times = (int)BigInteger.Clamp(count, 0, int.MaxValue);
        if (value is JinjaList list)
        {
            meter.Elements((long)list.Items.Count * times);
            return new JinjaList([.. Enumerable.Repeat(list.Items, list.Items.Count == 0 ? 0 : times).SelectMany(items => items)], list.IsTuple, list.Origin);
        }

        var text = ((JinjaString)value).Value;
        times = text.Length == 0 ? 0 : times;
        meter.Step(times);
        var output = new MarkedTextBuilder(meter);
        for (var i = 0; i < times; i++)
            output.Append(text);
        return output.ToText();
    }

    private static JinjaFault Unsupported(string operation, JinjaValue left, JinjaValue right)
    {
        if ((left as JinjaUndefined ?? right as JinjaUndefined) is { } undefined)
            return new(undefined.Reason);
        return new(operation == "+" && left is JinjaString
            ? $"can only concatenate a string to a string, not {right.TypeName}; use ~ instead of +"
            : $"'{operation}' is not supported between {left.TypeName} and {right.TypeName}");
    }
}
