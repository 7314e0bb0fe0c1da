namespace Parley.Text.Jinja;

/// <summary><c>a.b</c> and <c>a[b]</c>: elements, attributes and methods. What is not there is undefined; undefined itself has nothing.</summary>
internal static class Members
{
    public static JinjaValue Attribute(JinjaValue target, string name)
    {
        if (target is JinjaUndefined undefined)
            throw new JinjaFault($"{undefined.Reason}, so it has no attribute '{name}'");
        return Own(target, name) ?? (target as JinjaMap)?.Get(name) ?? JinjaUndefined.Attribute(target, name);
    }

    public static JinjaValue Item(JinjaValue target, JinjaValue key, Meter meter)
    {
        meter.Step((key as JinjaString)?.Text.Length >> 6 ?? 0);
        switch (target)
        {
            case JinjaUndefined undefined:
                throw new JinjaFault($"{undefined.Reason}, so it has no elements");
            case JinjaMap map when KeyEquality.CanBeKey(key) && map.Items.TryGetValue(KeyEquality.Checked(key, meter), out var value):
                return value;
            case JinjaList or JinjaString when Number.Integer(key) is { } index:
                return Sequences.At(target, index, meter) ?? new JinjaUndefined($"the {target.TypeName} has no element {index}");
            default:
                var name = ValueText.Of(key, meter).Text;
                return (key is JinjaString ? Own(target, name) : null) ?? JinjaUndefined.Attribute(target, name);
        }
    }

    private static JinjaValue? Own(JinjaValue target, string name) => target switch
    {
        JinjaString text => StringMethods.Find(text, name),
        JinjaList list => ListMethods.Find(list, name),
        JinjaMap map => MapMethods.Find(map, name),
        JinjaNamespace space => space.Attributes.GetValueOrDefault(name),
        JinjaLoop loop => loop.Attribute(name),
        Cycler cycler => cycler.Attribute(name),
        Macro macro when name == "name" => new JinjaString(macro.Name),
        _ => null,
    };
}
