namespace Parley.Text.Jinja;

/// <summary>What expressions yield.</summary>
internal sealed class Evaluator(Interpreter interpreter)
{
    private Meter Meter => interpreter.Meter;

    public JinjaValue Evaluate(Expression expression, Scope scope)
    {
        Meter.Step();
        Meter.Enter();
        interpreter.Position = expression.Position;
        var value = expression switch
        {
            Literal literal => literal.Value,
            NameReference name => Lookup(name.Name, scope),
            AttributeAccess access => Members.Attribute(At(access, access.Target, scope), access.Name),
            ItemAccess access => Item(access, scope),
            SliceAccess slice => Slice(slice, scope),
            Call call => Call(call, scope, null),
            FilterCall filter => Filter(filter, Evaluate(filter.Target!, scope), scope),
            TestCall test => Test(test, scope),
            Logical logical => Decide(logical, scope),
            Negation negation => !Evaluate(negation.Operand, scope).IsTrue,
            Comparison comparison => Compare(comparison, scope),
            Conditional conditional => Choose(conditional, scope),
            _ => Compute(expression, scope),
        };
        Meter.Leave();
        return value;
    }

    /// <param name="caller">The body of a call block, passed along by name.</param>
    public JinjaValue Call(Call call, Scope scope, (string, JinjaValue)? caller)
    {
        var target = Evaluate(call.Target, scope);
        var name = target is JinjaFunction function ? function.Name : "it";
        var arguments = Arguments(name, call.Arguments, scope, caller);
        interpreter.Position = call.Position;
        return target is JinjaFunction callable
            ? callable.Call(interpreter, arguments)
            : throw new JinjaFault((target as JinjaUndefined)?.Reason ?? $"a value of type {target.TypeName} cannot be called");
    }

    public JinjaValue Filter(FilterCall filter, JinjaValue value, Scope scope)
    {
        var arguments = Arguments(filter.Name, filter.Arguments, scope, null);
        interpreter.Position = filter.Position;
        return Filters.Apply(filter.Name, value, arguments, interpreter);
    }

    private JinjaValue Lookup(string name, Scope scope)
    {
        Meter.Step(scope.Depth >> 2);
        return scope.Get(name);
    }

    private JinjaValue Compute(Expression expression, Scope scope)
    {
        switch (expression)
        {
            case Arithmetic arithmetic:
                var left = Evaluate(arithmetic.Left, scope);
                var right = Evaluate(arithmetic.Right, scope);
                interpreter.Position = arithmetic.Position;
                return Operators.Apply(arithmetic.Operator, left, right, Meter);
            case Sign sign:
                return Operators.Sign(sign.Operator, At(sign, sign.Operand, scope));
            case Concatenation concatenation:
                return Sequences.Joined([.. concatenation.Parts.Select(part => Evaluate(part, scope))], Meter);
            case ListLiteral list:
                Meter.Elements(1 + list.Items.Count);
                return new JinjaList([.. list.Items.Select(item => Evaluate(item, scope))], list.IsTuple);
            case MapLiteral map:
                return Map(map, scope);
            default:
                throw new JinjaFault($"an expression of the kind {expression.GetType().Name} is not supported.");
        }
    }

    /// <summary>An operand's value, with the place set back to the expression around it.</summary>
    private JinjaValue At(Expression expression, Expression operand, Scope scope)
    {
        var value = Evaluate(operand, scope);
        interpreter.Position = expression.Position;
        return value;
    }

    private JinjaValue Item(ItemAccess access, Scope scope)
    {
        var target = Evaluate(access.Target, scope);
        return Members.Item(target, At(access, access.Key, scope), Meter);
    }

    private JinjaValue Slice(SliceAccess slice, Scope scope)
    {
        var target = Evaluate(slice.Target, scope);
        var (start, stop, step) = (Bound(slice.Start), Bound(slice.Stop), Bound(slice.Step));
        interpreter.Position = slice.Position;
        return Sequences.Slice(target, start, stop, step, Meter);

        System.Numerics.BigInteger? Bound(Expression? part)
        {
            var value = part is null ? JinjaNone.Value : Evaluate(part, scope);
            return value is JinjaNone ? null : Number.Integer(value) ?? throw new JinjaFault($"the bounds of a slice must be integers, not {value.TypeName}");
        }
    }

    private JinjaValue Test(TestCall test, Scope scope)
    {
        var value = Evaluate(test.Target, scope);
        var arguments = Arguments(test.Name, test.Arguments, scope, null);
        interpreter.Position = test.Position;
        return Tests.Apply(test.Name, value, arguments, interpreter) != test.IsNegated;
    }

    private JinjaValue Decide(Logical logical, Scope scope)
    {
        var left = Evaluate(logical.Left, scope);
        return left.IsTrue == logical.IsAnd ? Evaluate(logical.Right, scope) : left;
    }

    private JinjaValue Choose(Conditional conditional, Scope scope)
    {
        if (Evaluate(conditional.Test, scope).IsTrue)
            return Evaluate(conditional.Value, scope);
        return conditional.Otherwise is null ? new JinjaUndefined("the if has no else, and its test is false") : Evaluate(conditional.Otherwise, scope);
    }

    private JinjaValue Compare(Comparison comparison, Scope scope)
    {
        var left = Evaluate(comparison.First, scope);
        foreach (var (operation, operand) in comparison.Rest)
        {
            var right = Evaluate(operand, scope);
            interpreter.Position = operand.Position;
            if (!Operators.Holds(operation, left, right, Meter))
                return false;
            left = right;
        }

        return true;
    }

    private JinjaMap Map(MapLiteral literal, Scope scope)
    {
        Meter.Elements(2 + (2L * literal.Items.Count));
        var map = new JinjaMap();
        foreach (var (key, value) in literal.Items)
            map.Items[KeyEquality.Checked(Evaluate(key, scope), Meter)] = Evaluate(value, scope);
        return map;
    }

    private Arguments Arguments(string function, ArgumentList list, Scope scope, (string, JinjaValue)? caller)
    {
        JinjaValue[] positional = list.Positional.Count == 0 ? [] : [.. list.Positional.Select(Argument)];
        var named = list.Named.Select(argument => (argument.Name, Argument(argument.Value)));
        return new(function, positional, list.Named.Count == 0 && caller is null ? [] : caller is { } body ? [.. named, body] : [.. named]);

        // Whatever a function does with a text, it looks at all of it.
        JinjaValue Argument(Expression argument)
        {
            var value = Evaluate(argument, scope);
            Meter.Step((value as JinjaString)?.Text.Length >> 6 ?? 0);
            return value;
        }
    }
}
