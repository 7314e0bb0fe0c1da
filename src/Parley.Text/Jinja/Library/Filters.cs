using System.Collections.Frozen;

namespace Parley.Text.Jinja;

/// <summary>The value that a filter is applied to, what stood in its brackets, and the rendering it is part of.</summary>
internal sealed record FilterInput(JinjaValue Value, Arguments Arguments, Interpreter Interpreter)
{
    public Meter Meter => Interpreter.Meter;

    /// <summary>The value as text, as printing it would give.</summary>
    public MarkedText Text => ValueText.Of(Value, Meter);

    public IReadOnlyList<JinjaValue> Items => Sequences.Items(Value, Meter);
}

/// <summary>All filters by name.</summary>
internal static class Filters
{
    private static readonly FrozenDictionary<string, Func<FilterInput, JinjaValue>> All =
        TextFilters.All.Concat(SequenceFilters.All).Concat(SelectionFilters.All).Concat(ValueFilters.All).ToFrozenDictionary(StringComparer.Ordinal);

    /// <exception cref="JinjaFault">There is no such filter, or it cannot be applied to the value.</exception>
    public static JinjaValue Apply(string name, JinjaValue value, Arguments arguments, Interpreter interpreter) =>
        All.TryGetValue(name, out var filter)
            ? filter(new(Paid(value, interpreter.Meter), arguments, interpreter))
            : throw new JinjaFault($"there is no filter '{name}'");

    // Whatever a filter does with a text, it looks at all of it.
    private static JinjaValue Paid(JinjaValue value, Meter meter)
    {
        meter.Step(1 + ((value as JinjaString)?.Text.Length >> 6 ?? 0));
        return value;
    }

}
