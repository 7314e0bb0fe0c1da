using System.Numerics;

namespace Parley.Text.Jinja;

/// <summary>Methods of lists. Those that change a list work only on lists that the template made.</summary>
internal static class ListMethods
{
    public static JinjaFunction? Find(JinjaList list, string name) => name switch
    {
        "index" => new BuiltInFunction(name, (interpreter, arguments) => Index(list, arguments.Single("value"), interpreter.Meter)),
        "count" => new BuiltInFunction(name, (interpreter, arguments) => Count(list, arguments.Single("value"), interpreter.Meter)),
        _ when list.IsTuple => null,
        "append" => Change(list, name, (meter, arguments) =>
        {
            meter.Elements(1);
            list.Items.Add(arguments.Single("object"));
            return JinjaNone.Value;
        }),
        "extend" => Change(list, name, (meter, arguments) =>
        {
            var added = Sequences.Items(arguments.Single("iterable"), meter);
            meter.Elements(added.Count);
            list.Items.AddRange([.. added]);
            return JinjaNone.Value;
        }),
        "insert" => Change(list, name, (meter, arguments) => Insert(list, arguments, meter)),
        "pop" => Change(list, name, (meter, arguments) => Pop(list, arguments, meter)),
        "reverse" => Change(list, name, (meter, _) =>
        {
            meter.Step(list.Items.Count);
            list.Items.Reverse();
            return JinjaNone.Value;
        }),
        _ => null,
    };

    private static BuiltInFunction Change(JinjaList list, string name, Func<Meter, Arguments, JinjaValue> body) => new(name, (interpreter, arguments) =>
        list.Origin.IsTrusted
            ? body(interpreter.Meter, arguments)
            : throw new JinjaFault($"'{name}' cannot change a list that was passed in; make a new one with +."));

    private static JinjaValue Index(JinjaList list, JinjaValue wanted, Meter meter)
    {
        var index = list.Items.FindIndex(item => Comparisons.AreEqual(item, wanted, meter));
        return index >= 0 ? index : throw new JinjaFault("the value is not in the list");
    }

    private static JinjaValue Count(JinjaList list, JinjaValue wanted, Meter meter) => list.Items.Count(item => Comparisons.AreEqual(item, wanted, meter));

    private static JinjaNone Insert(JinjaList list, Arguments arguments, Meter meter)
    {
        var bound = arguments.Bind("index", "object");
        var index = arguments.Count(bound[0] ?? throw arguments.Missing("index"), "index", 0);
        meter.Elements(1 + (list.Items.Count >> 6));
        list.Items.Insert(Math.Clamp(index < 0 ? index + list.Items.Count : index, 0, list.Items.Count), bound[1] ?? throw arguments.Missing("object"));
        return JinjaNone.Value;
    }

    private static JinjaValue Pop(JinjaList list, Arguments arguments, Meter meter)
    {
        var index = arguments.Integer(arguments.Bind("index")[0], "index", BigInteger.MinusOne);
        index += index < 0 ? list.Items.Count : 0;
        if (index < 0 || index >= list.Items.Count)
            throw new JinjaFault("pop finds no element there");
        var value = list.Items[(int)index];
        meter.Step(list.Items.Count >> 6);
        list.Items.RemoveAt((int)index);
        return value;
    }
}
