using System.Collections.Frozen;
using System.Numerics;

namespace Parley.Text.Jinja;

/// <summary>All tests by name: what stands after <c>is</c>.</summary>
internal static class Tests
{
    private delegate bool Test(JinjaValue value, Arguments arguments, Interpreter interpreter);

    private static readonly FrozenDictionary<string, Test> All = new Dictionary<string, Test>(StringComparer.Ordinal)
    {
        ["defined"] = (value, _, _) => value is not JinjaUndefined,
        ["undefined"] = (value, _, _) => value is JinjaUndefined,
        ["none"] = (value, _, _) => value is JinjaNone,
        ["true"] = (value, _, _) => value == JinjaBool.True,
        ["false"] = (value, _, _) => value == JinjaBool.False,
        ["boolean"] = (value, _, _) => value is JinjaBool,
        ["integer"] = (value, _, _) => value is JinjaInt,
        ["float"] = (value, _, _) => value is JinjaFloat,
        ["number"] = (value, _, _) => Number.Is(value),
        ["string"] = (value, _, _) => value is JinjaString,
        ["mapping"] = (value, _, _) => value is JinjaMap,
        ["sequence"] = (value, _, _) => value is JinjaString or JinjaList or JinjaMap or JinjaUndefined,
        ["iterable"] = (value, _, _) => Sequences.CanIterate(value),
        ["callable"] = (value, _, _) => value is JinjaFunction,
        ["escaped"] = (_, _, _) => false,
        ["lower"] = (value, _, interpreter) => IsCase(value, interpreter, char.IsLower, char.IsUpper),
        ["upper"] = (value, _, interpreter) => IsCase(value, interpreter, char.IsUpper, char.IsLower),
        ["odd"] = (value, arguments, _) => !Remainder(value, 2, arguments).IsZero,
        ["even"] = (value, arguments, _) => Remainder(value, 2, arguments).IsZero,
        ["divisibleby"] = (value, arguments, _) => Remainder(value, arguments.Integer(arguments.Single("num"), "num", 1), arguments).IsZero,
        ["sameas"] = (value, arguments, _) => ReferenceEquals(value, arguments.Single("other")),
        ["in"] = (value, arguments, interpreter) => Comparisons.Contains(arguments.Single("seq"), value, interpreter.Meter),
        ["eq"] = Comparing("=="),
        ["equalto"] = Comparing("=="),
        ["=="] = Comparing("=="),
        ["ne"] = Comparing("!="),
        ["!="] = Comparing("!="),
        ["lt"] = Comparing("<"),
        ["lessthan"] = Comparing("<"),
        ["<"] = Comparing("<"),
        ["le"] = Comparing("<="),
        ["<="] = Comparing("<="),
        ["gt"] = Comparing(">"),
        ["greaterthan"] = Comparing(">"),
        [">"] = Comparing(">"),
        ["ge"] = Comparing(">="),
        [">="] = Comparing(">="),
    }.ToFrozenDictionary(StringComparer.Ordinal);

    /// <exception cref="JinjaFault">There is no such test, or it cannot be applied to the value.</exception>
    public static bool Apply(string name, JinjaValue value, Arguments arguments, Interpreter interpreter)
    {
        interpreter.Meter.Step();
        return All.TryGetValue(name, out var test) ? test(value, arguments, interpreter) : throw new JinjaFault($"there is no test '{name}'");
    }

    private static Test Comparing(string operation) =>
        (value, arguments, interpreter) => Operators.Holds(operation, value, arguments.Single("other"), interpreter.Meter);

    private static BigInteger Remainder(JinjaValue value, BigInteger divisor, Arguments arguments)
    {
        var integer = Number.Integer(value) ?? throw new JinjaFault((value as JinjaUndefined)?.Reason ?? $"{arguments.Function} needs an integer, not {value.TypeName}");
        return divisor.IsZero ? throw new JinjaFault("division by zero") : integer % divisor;
    }

    // Some letter of the case, and none of the other.
    private static bool IsCase(JinjaValue value, Interpreter interpreter, Func<char, bool> wanted, Func<char, bool> other)
    {
        var text = ValueText.Of(value, interpreter.Meter).Text;
        interpreter.Meter.Step(text.Length >> 4);
        return text.Any(wanted) && !text.Any(other);
    }
}
