namespace Parley.Text.Jinja;

/// <summary>Statements from tokens.</summary>
internal sealed class StatementParser
{
    private readonly TokenReader _tokens;
    private readonly ExpressionParser _expressions;
    private int _loops;

    private StatementParser(TokenReader tokens) => (_tokens, _expressions) = (tokens, new ExpressionParser(tokens));

    /// <exception cref="JinjaFault">Not a template; it says where.</exception>
    public static Block Parse(List<Token> tokens, int deepest)
    {
        var parser = new StatementParser(new TokenReader(tokens, deepest));
        var block = parser.ParseBody();
        return parser._tokens.Current.Kind == TokenKind.End
            ? block
            : throw new JinjaFault($"the tag {parser._tokens.Ahead} closes nothing.", parser._tokens.Current.Position);
    }

    /// <summary>Statements up to a tag that is none, such as endif, or the end.</summary>
    private Block ParseBody() => _tokens.Nested(() =>
    {
        var statements = new List<Statement>();
        while (_tokens.Current.Kind != TokenKind.End)
        {
            var token = _tokens.Current;
            switch (token.Kind)
            {
                case TokenKind.Text:
                    _tokens.Take();
                    statements.Add(new TextOutput(token.Position, new(token.Text, TextOrigin.Template)));
                    break;
                case TokenKind.PrintBegin:
                    _tokens.Take();
                    statements.Add(new Print(token.Position, _expressions.ParseTuple(_expressions.Parse)));
                    _tokens.Expect(TokenKind.PrintEnd, "the end of the expression");
                    break;
                case TokenKind.TagBegin when ParseTag() is { } statement:
                    statements.Add(statement);
                    break;
                default:
                    return new Block(statements);
            }
        }

        return new Block(statements);
    });

    /// <summary>Null, with nothing taken, when the tag belongs to a statement around.</summary>
    private Statement? ParseTag()
    {
        var name = _tokens.Ahead;
        if (name.Kind != TokenKind.Name)
            throw new JinjaFault($"a tag must begin with its name, but here is {name}.", name.Position);
        Func<int, Statement>? parse = name.Text switch
        {
            "if" => ParseIf,
            "for" => ParseFor,
            "set" => ParseSet,
            "macro" => ParseMacro,
            "call" => ParseCallBlock,
            "filter" => ParseFilterBlock,
            "with" => ParseWith,
            "generation" => ParseGeneration,
            "break" or "continue" => ParseLoopExit,
            "elif" or "else" or "endif" or "endfor" or "endset" or "endmacro" or "endcall" or "endfilter" or "endwith" or "endgeneration" => null,
            _ => throw new JinjaFault($"the tag '{name.Text}' is not supported.", name.Position),
        };
        if (parse is null)
            return null;
        _tokens.Take();
        return parse(name.Position);
    }

    private If ParseIf(int position)
    {
        var branches = new List<(Expression, Block)>();
        do
        {
            _tokens.Take();
            var test = _expressions.ParseTuple(_expressions.ParseUnconditional);
            branches.Add((test, ParseBodyAfterTag()));
        }
        while (AtTag("elif"));

        var otherwise = AtTag("else") ? ParseElse() : Block.Empty;
        EndTag("endif", position);
        return new If(position, branches, otherwise);
    }

    private For ParseFor(int position)
    {
        _tokens.Take();
        var target = ParseTarget(allowsAttribute: false);
        _tokens.ExpectName("in");
        var items = _expressions.ParseTuple(_expressions.ParseUnconditional);
        var filter = _tokens.TryName("if") ? _expressions.Parse() : null;
        if (_tokens.IsName("recursive"))
            throw new JinjaFault("recursive loops are not supported; write a macro.", _tokens.Current.Position);
        _loops++;
        var body = ParseBodyAfterTag();
        _loops--;
        var otherwise = AtTag("else") ? ParseElse() : Block.Empty;
        EndTag("endfor", position);
        return new For(position, target, items, filter, body, otherwise);
    }

    private LoopExit ParseLoopExit(int position)
    {
        var isBreak = _tokens.Take().Text == "break";
        if (_loops == 0)
            throw new JinjaFault($"'{(isBreak ? "break" : "continue")}' stands outside of a loop.", position);
        CloseTag();
        return new LoopExit(position, isBreak);
    }

    private Statement ParseSet(int position)
    {
        _tokens.Take();
        var target = ParseTarget(allowsAttribute: true);
        if (_tokens.TryOperator("="))
        {
            var value = _expressions.ParseTuple(_expressions.Parse);
            CloseTag();
            return new Set(position, target, value);
        }

        var filters = ParseFilters();
        var body = ParseBodyAfterTag();
        EndTag("endset", position);
        return new SetBlock(position, target, filters, body);
    }

    private With ParseWith(int position)
    {
        _tokens.Take();
        var values = new List<(AssignmentTarget, Expression)>();
        while (_tokens.Current.Kind != TokenKind.TagEnd)
        {
            if (values.Count > 0)
                _tokens.ExpectOperator(",");
            AssignmentTarget target = new AssignmentTarget.Name(_tokens.Expect(TokenKind.Name, "a name").Text);
            _tokens.ExpectOperator("=");
            values.Add((target, _expressions.Parse()));
        }

        var body = ParseBodyAfterTag();
        EndTag("endwith", position);
        return new With(position, values, body);
    }

    private MacroDefinition ParseMacro(int position)
    {
        _tokens.Take();
        var name = _tokens.Expect(TokenKind.Name, "the name of a macro").Text;
        var signature = new MacroSignature(name, ParseParameters());
        var body = ParseFunctionBody();
        EndTag("endmacro", position);
        return new MacroDefinition(position, signature, body);
    }

    private CallBlock ParseCallBlock(int position)
    {
        _tokens.Take();
        var signature = new MacroSignature("caller", _tokens.IsOperator("(") ? ParseParameters() : []);
        var call = _expressions.Parse() as Call ?? throw new JinjaFault("a call block needs a call, such as {% call name() %}.", position);
        var body = ParseFunctionBody();
        EndTag("endcall", position);
        return new CallBlock(position, signature, call, body);
    }

    private FilterBlock ParseFilterBlock(int position)
    {
        var first = (FilterCall)_expressions.ParseFilter(null);
        List<FilterCall> filters = [first, .. ParseFilters()];
        var body = ParseBodyAfterTag();
        EndTag("endfilter", position);
        return new FilterBlock(position, filters, body);
    }

    private Generation ParseGeneration(int position)
    {
        _tokens.Take();
        var body = ParseBodyAfterTag();
        EndTag("endgeneration", position);
        return new Generation(position, body);
    }

    private List<FilterCall> ParseFilters()
    {
        var filters = new List<FilterCall>();
        while (_tokens.IsOperator("|"))
            filters.Add((FilterCall)_expressions.ParseFilter(null));
        return filters;
    }

    private List<(string, Expression?)> ParseParameters()
    {
        _tokens.ExpectOperator("(");
        var parameters = new List<(string Name, Expression? Default)>();
        while (!_tokens.TryOperator(")"))
        {
            if (parameters.Count > 0)
                _tokens.ExpectOperator(",");
            var name = _tokens.Expect(TokenKind.Name, "the name of a parameter").Text;
            parameters.Add((name, _tokens.TryOperator("=") ? _expressions.Parse() : null));
        }

        return parameters;
    }

    private AssignmentTarget ParseTarget(bool allowsAttribute)
    {
        var targets = new List<AssignmentTarget>();
        var isTuple = false;
        do
        {
            if (targets.Count > 0 && !(_tokens.Current.Kind == TokenKind.Name && _tokens.Current.Text != "in") && !_tokens.IsOperator("("))
                break;
            targets.Add(_tokens.TryOperator("(") ? ParseBracketed() : ParseOneTarget(allowsAttribute));
            isTuple |= _tokens.IsOperator(",");
        }
        while (_tokens.TryOperator(","));

        return isTuple ? new AssignmentTarget.Several(targets) : targets[0];
    }

    private AssignmentTarget ParseBracketed() => _tokens.Nested(() =>
    {
        var inner = ParseTarget(allowsAttribute: false);
        _tokens.ExpectOperator(")");
        return inner;
    });

    private AssignmentTarget ParseOneTarget(bool allowsAttribute)
    {
        var token = _tokens.Expect(TokenKind.Name, "a name to assign to");
        if (token.Text is "true" or "false" or "none" or "True" or "False" or "None")
            throw new JinjaFault($"'{token.Text}' cannot be assigned to.", token.Position);
        return allowsAttribute && _tokens.TryOperator(".")
            ? new AssignmentTarget.Attribute(token.Text, _tokens.Expect(TokenKind.Name, "the name of an attribute").Text)
            : new AssignmentTarget.Name(token.Text);
    }

    // A loop around a macro is not the loop that its body runs in.
    private Block ParseFunctionBody()
    {
        var outer = _loops;
        _loops = 0;
        var body = ParseBodyAfterTag();
        _loops = outer;
        return body;
    }

    private Block ParseElse()
    {
        _tokens.Take();
        _tokens.Take();
        return ParseBodyAfterTag();
    }

    private Block ParseBodyAfterTag()
    {
        CloseTag();
        return ParseBody();
    }

    /// <summary>Stands at a tag of this name; elif is left with its name to be taken.</summary>
    private bool AtTag(string name)
    {
        if (_tokens.Current.Kind != TokenKind.TagBegin || !_tokens.Ahead.Is(TokenKind.Name, name))
            return false;
        if (name == "elif")
            _tokens.Take();
        return true;
    }

    private void EndTag(string name, int position)
    {
        if (_tokens.Current.Kind == TokenKind.End)
            throw new JinjaFault($"the tag does not end; add {{% {name} %}}.", position);
        _tokens.Take();
        _tokens.ExpectName(name);
        while (name == "endmacro" && _tokens.Current.Kind == TokenKind.Name)
            _tokens.Take();
        CloseTag();
    }

    private void CloseTag() => _tokens.Expect(TokenKind.TagEnd, "the end of the tag");
}
