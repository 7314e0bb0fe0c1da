namespace Parley.Text.Jinja;

/// <summary>An expression's syntax. Nodes are data; <see cref="Evaluator"/> knows what they mean.</summary>
/// <param name="Position">Offset in the source, for messages.</param>
internal abstract record Expression(int Position);

internal sealed record Literal(int Position, JinjaValue Value) : Expression(Position);

internal sealed record NameReference(int Position, string Name) : Expression(Position);

internal sealed record ListLiteral(int Position, IReadOnlyList<Expression> Items, bool IsTuple) : Expression(Position);

internal sealed record MapLiteral(int Position, IReadOnlyList<(Expression Key, Expression Value)> Items) : Expression(Position);

/// <summary><c>target.name</c>.</summary>
internal sealed record AttributeAccess(int Position, Expression Target, string Name) : Expression(Position);

/// <summary><c>target[key]</c>.</summary>
internal sealed record ItemAccess(int Position, Expression Target, Expression Key) : Expression(Position);

/// <summary><c>target[start:stop:step]</c>.</summary>
internal sealed record SliceAccess(int Position, Expression Target, Expression? Start, Expression? Stop, Expression? Step) : Expression(Position);

internal sealed record Call(int Position, Expression Target, ArgumentList Arguments) : Expression(Position);

/// <param name="Target">Null: the text of the block that the filter stands over.</param>
internal sealed record FilterCall(int Position, Expression? Target, string Name, ArgumentList Arguments) : Expression(Position);

internal sealed record TestCall(int Position, Expression Target, string Name, ArgumentList Arguments, bool IsNegated) : Expression(Position);

/// <param name="Operator">+ or -.</param>
internal sealed record Sign(int Position, string Operator, Expression Operand) : Expression(Position);

internal sealed record Negation(int Position, Expression Operand) : Expression(Position);

/// <param name="Operator">+ - * / // % or **.</param>
internal sealed record Arithmetic(int Position, string Operator, Expression Left, Expression Right) : Expression(Position);

/// <summary><c>a ~ b ~ c</c>.</summary>
internal sealed record Concatenation(int Position, IReadOnlyList<Expression> Parts) : Expression(Position);

/// <summary><c>and</c> or <c>or</c>: yields the operand that decides.</summary>
internal sealed record Logical(int Position, bool IsAnd, Expression Left, Expression Right) : Expression(Position);

/// <summary><c>a &lt; b &lt; c</c>: each pair must hold.</summary>
internal sealed record Comparison(int Position, Expression First, IReadOnlyList<(string Operator, Expression Operand)> Rest) : Expression(Position);

/// <summary><c>value if test else otherwise</c>.</summary>
internal sealed record Conditional(int Position, Expression Test, Expression Value, Expression? Otherwise) : Expression(Position);

/// <summary>What stands between the brackets of a call.</summary>
internal sealed record ArgumentList(IReadOnlyList<Expression> Positional, IReadOnlyList<(string Name, Expression Value)> Named)
{
    public static ArgumentList Empty { get; } = new([], []);
}
