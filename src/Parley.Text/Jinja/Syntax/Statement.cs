namespace Parley.Text.Jinja;

/// <summary>A statement's syntax. Nodes are data; <see cref="Interpreter"/> knows what they mean.</summary>
/// <param name="Position">Offset in the source, for messages.</param>
internal abstract record Statement(int Position);

/// <summary>Text between tags.</summary>
internal sealed record TextOutput(int Position, MarkedText Text) : Statement(Position);

internal sealed record Print(int Position, Expression Value) : Statement(Position);

/// <param name="Branches">if and elif, in order.</param>
internal sealed record If(int Position, IReadOnlyList<(Expression Test, Block Body)> Branches, Block Otherwise) : Statement(Position);

/// <param name="Filter">Elements for which it is false are skipped; null: none.</param>
/// <param name="Otherwise">Runs when there was no element.</param>
internal sealed record For(int Position, AssignmentTarget Target, Expression Items, Expression? Filter, Block Body, Block Otherwise) : Statement(Position);

/// <param name="IsBreak">Otherwise it is a continue.</param>
internal sealed record LoopExit(int Position, bool IsBreak) : Statement(Position);

internal sealed record Set(int Position, AssignmentTarget Target, Expression Value) : Statement(Position);

/// <summary><c>{% set x %}...{% endset %}</c>: assigns the text that the body prints.</summary>
internal sealed record SetBlock(int Position, AssignmentTarget Target, IReadOnlyList<FilterCall> Filters, Block Body) : Statement(Position);

internal sealed record With(int Position, IReadOnlyList<(AssignmentTarget Target, Expression Value)> Values, Block Body) : Statement(Position);

internal sealed record MacroDefinition(int Position, MacroSignature Signature, Block Body) : Statement(Position);

/// <summary><c>{% call(x) f() %}...{% endcall %}</c>: calls f, which may print the body by calling <c>caller</c>.</summary>
internal sealed record CallBlock(int Position, MacroSignature Signature, Call Call, Block Body) : Statement(Position);

internal sealed record FilterBlock(int Position, IReadOnlyList<FilterCall> Filters, Block Body) : Statement(Position);

/// <summary><c>{% generation %}</c>: what the model says, for the loss mask.</summary>
internal sealed record Generation(int Position, Block Body) : Statement(Position);

internal sealed record Block(IReadOnlyList<Statement> Statements)
{
    public static Block Empty { get; } = new([]);
}

internal sealed record MacroSignature(string Name, IReadOnlyList<(string Name, Expression? Default)> Parameters);

/// <summary>What stands left of an equals sign, or between for and in.</summary>
internal abstract record AssignmentTarget
{
    private AssignmentTarget()
    {
    }

    public sealed record Name(string Text) : AssignmentTarget;

    /// <summary>An attribute of a namespace.</summary>
    public sealed record Attribute(string Target, string Text) : AssignmentTarget;

    public sealed record Several(IReadOnlyList<AssignmentTarget> Targets) : AssignmentTarget;
}
