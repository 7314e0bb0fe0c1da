namespace Parley.Text.Jinja;

/// <summary>Literals, names and brackets, and what can stand right behind them: attributes, indices, slices, calls.</summary>
internal readonly struct PrimaryParser(TokenReader tokens, ExpressionParser expressions)
{
    public Expression Parse()
    {
        var node = ParseAtom();
        while (true)
        {
            if (tokens.IsOperator("."))
                node = ParseAttribute(node);
            else if (tokens.IsOperator("["))
                node = ParseItem(node);
            else if (tokens.IsOperator("("))
                node = new Call(tokens.Current.Position, node, expressions.ParseArguments());
            else
                return node;
        }
    }

    private Expression ParseAtom()
    {
        var token = tokens.Current;
        switch (token.Kind)
        {
            case TokenKind.Name:
                tokens.Take();
                return ParseName(token);
            case TokenKind.String:
                return ParseString();
            case TokenKind.Integer:
                tokens.Take();
                return new Literal(token.Position, new JinjaInt(token.Integer));
            case TokenKind.Float:
                tokens.Take();
                return new Literal(token.Position, new JinjaFloat(token.Float));
            case TokenKind.Operator when token.Text == "(":
                return ParseParenthesis();
            case TokenKind.Operator when token.Text == "[":
                return ParseList();
            case TokenKind.Operator when token.Text == "{":
                return ParseMap();
            default:
                throw tokens.Unexpected("an expression");
        }
    }

    private static Expression ParseName(Token name) => name.Text switch
    {
        "true" or "True" => new Literal(name.Position, JinjaBool.True),
        "false" or "False" => new Literal(name.Position, JinjaBool.False),
        "none" or "None" => new Literal(name.Position, JinjaNone.Value),
        _ => new NameReference(name.Position, name.Text),
    };

    // Literals that follow each other are one.
    private Literal ParseString()
    {
        var position = tokens.Current.Position;
        var text = tokens.Take().Text;
        if (tokens.Current.Kind == TokenKind.String)
        {
            var parts = new List<string> { text };
            while (tokens.Current.Kind == TokenKind.String)
                parts.Add(tokens.Take().Text);
            text = string.Concat(parts);
        }

        return new Literal(position, new JinjaString(text));
    }

    private Expression ParseParenthesis()
    {
        var position = tokens.Take().Position;
        if (tokens.TryOperator(")"))
            return new ListLiteral(position, [], IsTuple: true);
        var inner = expressions.ParseTuple(expressions.Parse);
        tokens.ExpectOperator(")");
        return inner;
    }

    private ListLiteral ParseList()
    {
        var position = tokens.Take().Position;
        var items = new List<Expression>();
        while (!tokens.TryOperator("]"))
        {
            if (items.Count > 0)
            {
                tokens.ExpectOperator(",");
                if (tokens.TryOperator("]"))
                    break;
            }

            items.Add(expressions.Parse());
        }

        return new ListLiteral(position, items, IsTuple: false);
    }

    private MapLiteral ParseMap()
    {
        var position = tokens.Take().Position;
        var items = new List<(Expression, Expression)>();
        while (!tokens.TryOperator("}"))
        {
            if (items.Count > 0)
            {
                tokens.ExpectOperator(",");
                if (tokens.TryOperator("}"))
                    break;
            }

            var key = expressions.Parse();
            tokens.ExpectOperator(":");
            items.Add((key, expressions.Parse()));
        }

        return new MapLiteral(position, items);
    }

    private Expression ParseAttribute(Expression target)
    {
        var position = tokens.Take().Position;
        if (tokens.Current.Kind == TokenKind.Integer)
            return new ItemAccess(position, target, new Literal(position, new JinjaInt(tokens.Take().Integer)));
        return new AttributeAccess(position, target, tokens.Expect(TokenKind.Name, "a name").Text);
    }

    private Expression ParseItem(Expression target)
    {
        var position = tokens.Take().Position;
        var start = tokens.IsOperator(":") ? null : expressions.ParseTuple(expressions.Parse);
        if (start is not null && tokens.TryOperator("]"))
            return new ItemAccess(position, target, start);

        tokens.ExpectOperator(":");
        var stop = EndsPart() ? null : expressions.Parse();
        var step = tokens.TryOperator(":") && !EndsPart() ? expressions.Parse() : null;
        tokens.ExpectOperator("]");
        return new SliceAccess(position, target, start, stop, step);
    }

    private bool EndsPart() => tokens.IsOperator(":") || tokens.IsOperator("]");
}
