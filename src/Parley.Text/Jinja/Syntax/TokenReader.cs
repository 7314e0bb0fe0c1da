namespace Parley.Text.Jinja;

/// <summary>The tokens of a template in order, with one to look at; it also counts how deep the parser is.</summary>
internal sealed class TokenReader(List<Token> tokens, int deepest)
{
    private int _at;
    private int _depth;

    public Token Current => tokens[_at];

    public Token Ahead => tokens[Math.Min(_at + 1, tokens.Count - 1)];

    public Token Take()
    {
        var token = Current;
        if (_at < tokens.Count - 1)
            _at++;
        return token;
    }

    public bool IsOperator(string text) => Current.Is(TokenKind.Operator, text);

    public bool IsName(string text) => Current.Is(TokenKind.Name, text);

    public bool TryOperator(string text) => Try(TokenKind.Operator, text);

    public bool TryName(string text) => Try(TokenKind.Name, text);

    public void ExpectOperator(string text)
    {
        if (!TryOperator(text))
            throw Unexpected($"'{text}'");
    }

    public void ExpectName(string text)
    {
        if (!TryName(text))
            throw Unexpected($"'{text}'");
    }

    public Token Expect(TokenKind kind, string what) => Current.Kind == kind ? Take() : throw Unexpected(what);

    public JinjaFault Unexpected(string wanted) => new($"{wanted} is expected, but here is {Current}.", Current.Position);

    /// <summary>Runs a rule that may contain itself.</summary>
    public T Nested<T>(Func<T> rule)
    {
        if (++_depth > deepest)
            throw new JinjaFault($"tags or brackets nest deeper than {deepest} levels.", Current.Position);
        var result = rule();
        _depth--;
        return result;
    }

    private bool Try(TokenKind kind, string text)
    {
        if (!Current.Is(kind, text))
            return false;
        Take();
        return true;
    }
}
