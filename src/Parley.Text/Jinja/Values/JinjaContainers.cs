namespace Parley.Text.Jinja;

/// <summary>A list or a tuple. Lists that came as input cannot be changed.</summary>
internal sealed class JinjaList(List<JinjaValue> items, bool isTuple = false, TextOrigin origin = default) : JinjaValue
{
    public JinjaList(IEnumerable<JinjaValue> items)
        : this([.. items])
    {
    }

    public List<JinjaValue> Items { get; } = items;

    public bool IsTuple { get; } = isTuple;

    /// <summary>Of the brackets and commas when it is printed.</summary>
    public TextOrigin Origin { get; } = origin;

    public override string TypeName => IsTuple ? "tuple" : "list";

    public override bool IsTrue => Items.Count > 0;

    public static JinjaList Tuple(params List<JinjaValue> items) => new(items, isTuple: true);
}

/// <summary>A dictionary in order of insertion. Those that came as input cannot be changed.</summary>
internal sealed class JinjaMap(TextOrigin origin = default) : JinjaValue
{
    public OrderedDictionary<JinjaValue, JinjaValue> Items { get; } = new(KeyEquality.Instance);

    /// <summary>Of the brackets and commas when it is printed.</summary>
    public TextOrigin Origin { get; } = origin;

    public override string TypeName => "dict";

    public override bool IsTrue => Items.Count > 0;

    public JinjaValue? Get(string key) => Items.GetValueOrDefault(new JinjaString(key));

    public void Set(string key, JinjaValue value) => Items[new JinjaString(key)] = value;
}

/// <summary>What a lazy filter (map, select ...) yields: it can be walked once, is always true and has no length.</summary>
internal sealed class JinjaGenerator(IReadOnlyList<JinjaValue> items) : JinjaValue
{
    private IReadOnlyList<JinjaValue> _items = items;

    public override string TypeName => "generator";

    public IReadOnlyList<JinjaValue> Take()
    {
        var all = _items;
        _items = [];
        return all;
    }
}

/// <summary>The one object whose attributes a template may assign, and so the way to carry values out of a loop.</summary>
internal sealed class JinjaNamespace : JinjaValue
{
    public Dictionary<string, JinjaValue> Attributes { get; } = new(StringComparer.Ordinal);

    public override string TypeName => "Namespace";
}

/// <summary>A function: a macro, a method bound to its object, or one of the globals.</summary>
internal abstract class JinjaFunction(string name) : JinjaValue
{
    public string Name { get; } = name;

    public override string TypeName => "function";

    public abstract JinjaValue Call(Interpreter interpreter, Arguments arguments);
}

internal sealed class BuiltInFunction(string name, Func<Interpreter, Arguments, JinjaValue> body) : JinjaFunction(name)
{
    public override JinjaValue Call(Interpreter interpreter, Arguments arguments) => body(interpreter, arguments);
}
