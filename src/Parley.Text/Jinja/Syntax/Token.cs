using System.Numerics;

namespace Parley.Text.Jinja;

internal enum TokenKind
{
    Text,
    PrintBegin,
    PrintEnd,
    TagBegin,
    TagEnd,
    Name,
    String,
    Integer,
    Float,
    Operator,
    End,
}

/// <param name="Text">The text between tags, a name, an operator, or the value of a string literal.</param>
/// <param name="Position">Offset in the source.</param>
internal readonly record struct Token(TokenKind Kind, string Text, int Position)
{
    public BigInteger Integer { get; init; }

    public double Float { get; init; }

    public bool Is(TokenKind kind, string text) => Kind == kind && Text == text;

    public override string ToString() => Kind switch
    {
        TokenKind.End => "the end of the template",
        TokenKind.TagEnd or TokenKind.PrintEnd => "the end of the tag",
        TokenKind.Text or TokenKind.TagBegin or TokenKind.PrintBegin => "text",
        TokenKind.Integer => $"'{Integer}'",
        _ => $"'{Text}'",
    };
}
