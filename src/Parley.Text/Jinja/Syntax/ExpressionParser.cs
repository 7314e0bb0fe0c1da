namespace Parley.Text.Jinja;

/// <summary>Expressions from tokens, by descent through Jinja's precedences: if-else, or, and, not, comparison, + -, ~, * /, **, sign, postfix.</summary>
internal sealed class ExpressionParser(TokenReader tokens)
{
    private static readonly string[] Comparisons = ["==", "!=", "<", "<=", ">", ">="];

    public Expression Parse() => tokens.Nested(ParseConditional);

    /// <summary>Without if-else, so that a loop's own <c>if</c> stays the loop's.</summary>
    public Expression ParseUnconditional() => tokens.Nested(ParseOr);

    /// <summary>One expression, or a tuple of several with commas between.</summary>
    public Expression ParseTuple(Func<Expression> item)
    {
        var first = item();
        if (!tokens.IsOperator(","))
            return first;
        var items = new List<Expression> { first };
        while (tokens.TryOperator(",") && !EndsTuple())
            items.Add(item());
        return new ListLiteral(first.Position, items, IsTuple: true);
    }

    public ArgumentList ParseArguments()
    {
        tokens.ExpectOperator("(");
        var positional = new List<Expression>();
        var named = new List<(string, Expression)>();
        while (!tokens.TryOperator(")"))
        {
            if (positional.Count + named.Count > 0)
            {
                tokens.ExpectOperator(",");
                if (tokens.TryOperator(")"))
                    break;
            }

            if (tokens.Current.Kind == TokenKind.Name && tokens.Ahead.Is(TokenKind.Operator, "="))
            {
                var name = tokens.Take().Text;
                tokens.Take();
                named.Add((name, Parse()));
            }
            else
            {
                positional.Add(named.Count == 0 ? Parse() : throw tokens.Unexpected("a named argument"));
            }
        }

        return new(positional, named);
    }

    /// <summary>A pipe, or the word filter, and the filter behind it.</summary>
    public Expression ParseFilter(Expression? target)
    {
        var position = tokens.Take().Position;
        var name = tokens.Expect(TokenKind.Name, "the name of a filter").Text;
        return new FilterCall(position, target, name, tokens.IsOperator("(") ? ParseArguments() : ArgumentList.Empty);
    }

    private bool EndsTuple() =>
        tokens.Current.Kind is TokenKind.TagEnd or TokenKind.PrintEnd or TokenKind.End || tokens.IsOperator(")") || tokens.IsOperator("=") || tokens.IsName("in");

    private Expression ParseConditional()
    {
        var value = ParseOr();
        while (tokens.IsName("if"))
        {
            var position = tokens.Take().Position;
            var test = ParseOr();
            value = new Conditional(position, test, value, tokens.TryName("else") ? Parse() : null);
        }

        return value;
    }

    private Expression ParseOr()
    {
        var left = ParseAnd();
        while (tokens.IsName("or"))
            left = new Logical(tokens.Take().Position, false, left, ParseAnd());
        return left;
    }

    private Expression ParseAnd()
    {
        var left = ParseNot();
        while (tokens.IsName("and"))
            left = new Logical(tokens.Take().Position, true, left, ParseNot());
        return left;
    }

    private Expression ParseNot()
    {
        if (!tokens.IsName("not"))
            return ParseComparison();
        var position = tokens.Take().Position;
        return new Negation(position, tokens.Nested(ParseNot));
    }

    private Expression ParseComparison()
    {
        var first = ParseSum();
        var rest = new List<(string, Expression)>();
        while (true)
        {
            if (tokens.Current.Kind == TokenKind.Operator && Comparisons.Contains(tokens.Current.Text, StringComparer.Ordinal))
                rest.Add((tokens.Take().Text, ParseSum()));
            else if (tokens.TryName("in"))
                rest.Add(("in", ParseSum()));
            else if (tokens.IsName("not") && tokens.Ahead.Is(TokenKind.Name, "in"))
                rest.Add(("not in", ParseNotIn()));
            else
                return rest.Count == 0 ? first : new Comparison(first.Position, first, rest);
        }
    }

    private Expression ParseNotIn()
    {
        tokens.Take();
        tokens.Take();
        return ParseSum();
    }

    private Expression ParseSum() => ParseArithmetic(ParseConcatenation, "+", "-");

    private Expression ParseConcatenation()
    {
        var first = ParseProduct();
        if (!tokens.IsOperator("~"))
            return first;
        var parts = new List<Expression> { first };
        while (tokens.TryOperator("~"))
            parts.Add(ParseProduct());
        return new Concatenation(first.Position, parts);
    }

    private Expression ParseProduct() => ParseArithmetic(ParsePower, "*", "/", "//", "%");

    private Expression ParsePower() => ParseArithmetic(() => ParseSigned(withFilters: true), "**");

    private Expression ParseArithmetic(Func<Expression> operand, params string[] operators)
    {
        var left = operand();
        while (tokens.Current.Kind == TokenKind.Operator && operators.Contains(tokens.Current.Text, StringComparer.Ordinal))
        {
            var token = tokens.Take();
            left = new Arithmetic(token.Position, token.Text, left, operand());
        }

        return left;
    }

    // A sign binds tighter than a filter: -1|abs is abs(-1).
    private Expression ParseSigned(bool withFilters)
    {
        Expression node;
        if (tokens.IsOperator("-") || tokens.IsOperator("+"))
        {
            var sign = tokens.Take();
            node = new Sign(sign.Position, sign.Text, tokens.Nested(() => ParseSigned(withFilters: false)));
        }
        else
        {
            node = new PrimaryParser(tokens, this).Parse();
        }

        return withFilters ? ParseFiltersAndTests(node) : node;
    }

    private Expression ParseFiltersAndTests(Expression node)
    {
        while (true)
        {
            if (tokens.IsOperator("|"))
                node = ParseFilter(node);
            else if (tokens.IsName("is"))
                node = ParseTest(node);
            else if (tokens.IsOperator("("))
                node = new Call(tokens.Current.Position, node, ParseArguments());
            else
                return node;
        }
    }

    private TestCall ParseTest(Expression target)
    {
        var position = tokens.Take().Position;
        var negated = tokens.TryName("not");
        var name = tokens.Expect(TokenKind.Name, "the name of a test").Text;
        var arguments = ArgumentList.Empty;
        if (tokens.IsOperator("("))
            arguments = ParseArguments();
        else if (tokens.IsName("is"))
            throw new JinjaFault("two tests cannot be chained with 'is'; use 'and'.", tokens.Current.Position);
        else if (StartsArgument())
            arguments = new([new PrimaryParser(tokens, this).Parse()], []);
        return new TestCall(position, target, name, arguments, negated);
    }

    // "x is divisibleby 3" needs no brackets.
    private bool StartsArgument() => tokens.Current.Kind switch
    {
        TokenKind.String or TokenKind.Integer or TokenKind.Float => true,
        TokenKind.Name => tokens.Current.Text is not ("else" or "or" or "and" or "if" or "in" or "not" or "recursive"),
        TokenKind.Operator => tokens.Current.Text is "[" or "{",
        _ => false,
    };
}
