using System.Numerics;

namespace Parley.Text.Jinja;

/// <summary>The values a call passes. A function binds them to its parameters by place and name.</summary>
/// <param name="function">For messages.</param>
internal sealed class Arguments(string function, IReadOnlyList<JinjaValue> positional, IReadOnlyList<(string Name, JinjaValue Value)> named)
{
    public string Function => function;

    public IReadOnlyList<JinjaValue> Positional => positional;

    public IReadOnlyList<(string Name, JinjaValue Value)> Named => named;

    public bool IsEmpty => positional.Count + named.Count == 0;

    /// <summary>Values in the order of the parameters; null where none was passed.</summary>
    /// <exception cref="JinjaFault">Too many arguments, or one that has no parameter.</exception>
    public JinjaValue?[] Bind(params ReadOnlySpan<string> parameters)
    {
        if (positional.Count > parameters.Length)
            throw new JinjaFault($"{function} takes at most {parameters.Length} arguments, not {positional.Count}");
        var bound = new JinjaValue?[parameters.Length];
        for (var i = 0; i < positional.Count; i++)
            bound[i] = positional[i];
        foreach (var (name, value) in named)
        {
            var index = parameters.IndexOf(name);
            if (index < 0)
                throw new JinjaFault($"{function} has no parameter '{name}'");
            bound[index] = bound[index] is null ? value : throw new JinjaFault($"{function} got '{name}' twice");
        }

        return bound;
    }

    /// <summary>The one argument there must be.</summary>
    public JinjaValue Single(string parameter) => Bind(parameter)[0] ?? throw Missing(parameter);

    public JinjaFault Missing(string parameter) => new($"{function} needs the argument '{parameter}'");

    public MarkedText Text(JinjaValue? value, string parameter) => value switch
    {
        JinjaString text => text.Value,
        null => throw Missing(parameter),
        _ => throw new JinjaFault((value as JinjaUndefined)?.Reason ?? $"'{parameter}' of {function} must be a string, not {value.TypeName}"),
    };

    public BigInteger Integer(JinjaValue? value, string parameter, BigInteger otherwise) =>
        value is null or JinjaNone ? otherwise : Number.Integer(value)
            ?? throw new JinjaFault((value as JinjaUndefined)?.Reason ?? $"'{parameter}' of {function} must be an integer, not {value.TypeName}");

    /// <summary>An integer that sizes something: beyond the range of int it is cut to it.</summary>
    public int Count(JinjaValue? value, string parameter, int otherwise) => (int)BigInteger.Clamp(Integer(value, parameter, otherwise), int.MinValue, int.MaxValue);
}
