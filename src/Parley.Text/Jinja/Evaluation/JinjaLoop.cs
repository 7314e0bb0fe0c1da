namespace Parley.Text.Jinja;

/// <summary>The variable <c>loop</c> of a running for.</summary>
internal sealed class JinjaLoop(IReadOnlyList<JinjaValue> items) : JinjaValue
{
    private JinjaValue? _last;

    public int Index { get; set; }

    public override string TypeName => "LoopContext";

    public JinjaValue? Attribute(string name) => name switch
    {
        "index" => Index + 1,
        "index0" => Index,
        "revindex" => items.Count - Index,
        "revindex0" => items.Count - Index - 1,
        "first" => Index == 0,
        "last" => Index == items.Count - 1,
        "length" => items.Count,
        "depth" => 1, // that of recursive loops, which are not supported; a loop in a loop does not count
        "depth0" => 0,
        "previtem" => Index > 0 ? items[Index - 1] : new JinjaUndefined("there is no previous item"),
        "nextitem" => Index < items.Count - 1 ? items[Index + 1] : new JinjaUndefined("there is no next item"),
        "cycle" => new BuiltInFunction("cycle", (_, arguments) => arguments.Positional.Count > 0
            ? arguments.Positional[Index % arguments.Positional.Count]
            : throw arguments.Missing("values")),
        "changed" => new BuiltInFunction("changed", Changed),
        _ => null,
    };

    private JinjaValue Changed(Interpreter interpreter, Arguments arguments)
    {
        var value = JinjaList.Tuple([.. arguments.Positional]);
        var changed = _last is null || !Comparisons.AreEqual(_last, value, interpreter.Meter);
        _last = value;
        return changed;
    }
}
