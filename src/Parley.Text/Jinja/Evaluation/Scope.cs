namespace Parley.Text.Jinja;

/// <summary>Variables of a template, macro or loop body; what it lacks is looked for outside.</summary>
internal sealed class Scope(Scope? outer)
{
    private Dictionary<string, JinjaValue>? _values;

    public JinjaValue Get(string name)
    {
        for (var scope = this; scope is not null; scope = scope.Outer)
        {
            if (scope._values is not null && scope._values.TryGetValue(name, out var value))
                return value;
        }

        return JinjaUndefined.Name(name);
    }

    public void Set(string name, JinjaValue value) => (_values ??= new(StringComparer.Ordinal))[name] = value;

    /// <summary>How many scopes a look-up may go through.</summary>
    public int Depth { get; } = (outer?.Depth ?? 0) + 1;

    private Scope? Outer { get; } = outer;
}
