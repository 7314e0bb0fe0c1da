namespace Parley.Text.Jinja;

/// <summary>Methods of dicts. Those that change a dict work only on dicts that the template made.</summary>
internal static class MapMethods
{
    public static JinjaFunction? Find(JinjaMap map, string name) => name switch
    {
        "items" => new BuiltInFunction(name, (interpreter, _) => Pairs(map, interpreter.Meter)),
        "keys" => new BuiltInFunction(name, (interpreter, _) => new JinjaList([.. Sequences.Items(map, interpreter.Meter)], origin: map.Origin)),
        "values" => new BuiltInFunction(name, (interpreter, _) => Values(map, interpreter.Meter)),
        "get" => new BuiltInFunction(name, (interpreter, arguments) => Get(map, arguments, interpreter.Meter)),
        "copy" => new BuiltInFunction(name, (interpreter, _) => Copy(map, interpreter.Meter)),
        "update" => Change(map, name, (meter, arguments) => Update(map, arguments, meter)),
        "pop" => Change(map, name, (meter, arguments) => Pop(map, arguments, meter)),
        "setdefault" => Change(map, name, (meter, arguments) => SetDefault(map, arguments, meter)),
        "clear" => Change(map, name, (_, _) =>
        {
            map.Items.Clear();
            return JinjaNone.Value;
        }),
        _ => null,
    };

    /// <summary>A list of (key, value).</summary>
    public static JinjaList Pairs(JinjaMap map, Meter meter)
    {
        meter.Elements(3L * map.Items.Count);
        return new([.. map.Items.Select(pair => JinjaList.Tuple(pair.Key, pair.Value))], origin: map.Origin);
    }

    /// <summary>Puts in what a dict or a list of pairs holds, and what was passed by name.</summary>
    public static JinjaNone Update(JinjaMap map, Arguments arguments, Meter meter)
    {
        if (arguments.Positional.Count > 1)
            throw new JinjaFault($"{arguments.Function} takes at most 1 argument without a name, not {arguments.Positional.Count}");
        if (arguments.Positional is [var source])
        {
            var pairs = Sequences.Items(source is JinjaMap other ? Pairs(other, meter) : source, meter);
            foreach (var pair in pairs.ToArray())
            {
                if (Sequences.Items(pair, meter) is not [var key, var value])
                    throw new JinjaFault($"{arguments.Function} needs a dict or pairs of key and value");
                Set(key, value);
            }
        }

        foreach (var (name, value) in arguments.Named)
            Set(new JinjaString(name), value);
        return JinjaNone.Value;

        void Set(JinjaValue key, JinjaValue value)
        {
            meter.Elements(4);
            map.Items[KeyEquality.Checked(key, meter)] = value;
        }
    }

    private static BuiltInFunction Change(JinjaMap map, string name, Func<Meter, Arguments, JinjaValue> body) => new(name, (interpreter, arguments) =>
        map.Origin.IsTrusted
            ? body(interpreter.Meter, arguments)
            : throw new JinjaFault($"'{name}' cannot change a dict that was passed in; copy it with dict()."));

    private static JinjaList Values(JinjaMap map, Meter meter)
    {
        meter.Elements(map.Items.Count);
        return new([.. map.Items.Values], origin: map.Origin);
    }

    private static JinjaMap Copy(JinjaMap map, Meter meter)
    {
        var copy = new JinjaMap();
        Update(copy, new Arguments("copy", [map], []), meter);
        return copy;
    }

    private static JinjaValue Get(JinjaMap map, Arguments arguments, Meter meter)
    {
        var bound = arguments.Bind("key", "default");
        return map.Items.GetValueOrDefault(KeyEquality.Checked(bound[0] ?? throw arguments.Missing("key"), meter)) ?? bound[1] ?? JinjaNone.Value;
    }

    private static JinjaValue Pop(JinjaMap map, Arguments arguments, Meter meter)
    {
        var bound = arguments.Bind("key", "default");
        var key = KeyEquality.Checked(bound[0] ?? throw arguments.Missing("key"), meter);
        if (!map.Items.TryGetValue(key, out var value))
            return bound[1] ?? throw new JinjaFault("pop finds no such key");
        meter.Step(map.Items.Count >> 4);
        map.Items.Remove(key);
        return value;
    }

    private static JinjaValue SetDefault(JinjaMap map, Arguments arguments, Meter meter)
    {
        var bound = arguments.Bind("key", "default");
        var key = KeyEquality.Checked(bound[0] ?? throw arguments.Missing("key"), meter);
        if (!map.Items.TryGetValue(key, out var value))
        {
            meter.Elements(4);
            map.Items[key] = value = bound[1] ?? JinjaNone.Value;
        }

        return value;
    }
}
