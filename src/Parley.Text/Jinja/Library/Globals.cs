using System.Numerics;

namespace Parley.Text.Jinja;

/// <summary>The functions that a template finds without anyone passing them.</summary>
internal static class Globals
{
    public static IReadOnlyList<JinjaFunction> All { get; } =
    [
        new BuiltInFunction("range", Range),
        new BuiltInFunction("dict", (interpreter, arguments) =>
        {
            var map = new JinjaMap();
            interpreter.Meter.Elements(2);
            MapMethods.Update(map, arguments, interpreter.Meter);
            return map;
        }),
        new BuiltInFunction("namespace", Namespace),
        new BuiltInFunction("raise_exception", (_, arguments) => throw new JinjaFault(arguments.Text(arguments.Single("message"), "message").Text, isRaised: true)),
        new BuiltInFunction("strftime_now", (interpreter, arguments) =>
        {
            var format = arguments.Text(arguments.Single("format"), "format");
            interpreter.Meter.Text(format.Length * 8L);
            return new MarkedText(Strftime.Format(interpreter.Now, format.Text), format.Origin);
        }),
        new BuiltInFunction("cycler", (_, arguments) => arguments.Positional.Count > 0 ? new Cycler(arguments.Positional) : throw arguments.Missing("items")),
        new BuiltInFunction("joiner", Joiner),
    ];

    private static JinjaList Range(Interpreter interpreter, Arguments arguments)
    {
        var bound = arguments.Bind("start", "stop", "step");
        var first = arguments.Integer(bound[0] ?? throw arguments.Missing("stop"), "start", 0);
        var (start, stop) = bound[1] is null ? (BigInteger.Zero, first) : (first, arguments.Integer(bound[1], "stop", 0));
        var step = arguments.Integer(bound[2], "step", 1);
        if (step.IsZero)
            throw new JinjaFault("the step of a range cannot be zero");
        var count = BigInteger.Max(0, step > 0 ? (stop - start + step - 1) / step : (start - stop - step - 1) / -step);
        if (count > interpreter.Meter.Limits.RangeLength)
            throw new JinjaFault($"the range has {count} numbers; at most {interpreter.Meter.Limits.RangeLength} are allowed.");
        interpreter.Meter.Elements((long)count);
        return new JinjaList(Enumerable.Range(0, (int)count).Select(i => new JinjaInt(start + (i * step))));
    }

    private static JinjaNamespace Namespace(Interpreter interpreter, Arguments arguments)
    {
        var map = new JinjaMap();
        interpreter.Meter.Elements(4);
        MapMethods.Update(map, arguments, interpreter.Meter);
        var space = new JinjaNamespace();
        foreach (var (name, value) in map.Items)
            space.Attributes[ValueText.Of(name, interpreter.Meter).Text] = value;
        return space;
    }

    // Empty the first time, then the separator.
    private static BuiltInFunction Joiner(Interpreter interpreter, Arguments arguments)
    {
        var separator = arguments.Bind("sep")[0] ?? new JinjaString(", ");
        var used = false;
        return new("joiner", (_, _) =>
        {
            var result = used ? separator : new JinjaString("");
            used = true;
            return result;
        });
    }
}

/// <summary><c>cycler(a, b)</c>: next() yields the values in turn.</summary>
internal sealed class Cycler(IReadOnlyList<JinjaValue> values) : JinjaValue
{
    private int _at;

    public override string TypeName => "Cycler";

    public JinjaValue? Attribute(string name) => name switch
    {
        "current" => values[_at],
        "next" => new BuiltInFunction(name, (_, _) =>
        {
            var value = values[_at];
            _at = (_at + 1) % values.Count;
            return value;
        }),
        "reset" => new BuiltInFunction(name, (_, _) =>
        {
            _at = 0;
            return JinjaNone.Value;
        }),
        _ => null,
    };
}
