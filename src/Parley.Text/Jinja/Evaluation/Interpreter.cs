namespace Parley.Text.Jinja;

/// <summary>Runs the statements of one rendering. Everything it may take is counted by its <see cref="Meter"/>; it reaches nothing outside.</summary>
internal sealed class Interpreter
{
    private const int MacroSize = 8; // in elements: it keeps its scope alive

    private readonly Scope _global = new(null);

    public Interpreter(Meter meter, DateTimeOffset now)
    {
        (Meter, Now) = (meter, now);
        Evaluator = new Evaluator(this);
        foreach (var function in Globals.All)
            _global.Set(function.Name, function);
    }

    private enum Flow
    {
        Next,
        Break,
        Continue,
    }

    public Meter Meter { get; }

    /// <summary>What <c>strftime_now</c> tells.</summary>
    public DateTimeOffset Now { get; }

    public Evaluator Evaluator { get; }

    /// <summary>Offset in the source of what is being done.</summary>
    public int Position { get; set; }

    public MarkedText Render(Block template, IEnumerable<KeyValuePair<string, JinjaValue>> variables)
    {
        var scope = new Scope(_global);
        foreach (var (name, value) in variables)
            scope.Set(name, value);
        return Capture(template, scope);
    }

    /// <summary>What a block prints.</summary>
    public MarkedText Capture(Block block, Scope scope)
    {
        var output = new MarkedTextBuilder(Meter);
        Run(block, scope, output);
        return output.ToText();
    }

    private Flow Run(Block block, Scope scope, MarkedTextBuilder output)
    {
        Meter.Enter();
        var flow = Flow.Next;
        for (var i = 0; i < block.Statements.Count && flow == Flow.Next; i++)
        {
            var statement = block.Statements[i];
            Meter.Step();
            Position = statement.Position;
            flow = Run(statement, scope, output);
        }

        Meter.Leave();
        return flow;
    }

    private Flow Run(Statement statement, Scope scope, MarkedTextBuilder output)
    {
        switch (statement)
        {
            case TextOutput text:
                Write(output, text.Text);
                return Flow.Next;
            case Print print:
                Write(output, ValueText.Of(Evaluator.Evaluate(print.Value, scope), Meter));
                return Flow.Next;
            case If choice:
                return Run(Chosen(choice, scope), scope, output);
            case For loop:
                return RunFor(loop, scope, output);
            case LoopExit exit:
                return exit.IsBreak ? Flow.Break : Flow.Continue;
            case Set set:
                Assignment.Assign(set.Target, Evaluator.Evaluate(set.Value, scope), scope, Meter);
                return Flow.Next;
            case MacroDefinition macro:
                scope.Set(macro.Signature.Name, Define(macro.Signature, macro.Body, scope));
                return Flow.Next;
            default:
                RunBlock(statement, scope, output);
                return Flow.Next;
        }
    }

    private void RunBlock(Statement statement, Scope scope, MarkedTextBuilder output)
    {
        switch (statement)
        {
            case SetBlock set:
                Assignment.Assign(set.Target, Filtered(set.Filters, set.Body, scope), scope, Meter);
                break;
            case FilterBlock block:
                Write(output, ValueText.Of(Filtered(block.Filters, block.Body, scope), Meter));
                break;
            case With with:
                RunWith(with, scope, output);
                break;
            case CallBlock block:
                var caller = Define(block.Signature, block.Body, scope);
                Write(output, ValueText.Of(Evaluator.Call(block.Call, scope, ("caller", caller)), Meter));
                break;
            case Generation generation:
                Write(output, Capture(generation.Body, new Scope(scope)).AsGeneration());
                break;
        }
    }

    private Macro Define(MacroSignature signature, Block body, Scope scope)
    {
        Meter.Elements(MacroSize);
        return new Macro(signature, body, scope);
    }

    private Block Chosen(If choice, Scope scope)
    {
        foreach (var (test, body) in choice.Branches)
        {
            if (Evaluator.Evaluate(test, scope).IsTrue)
                return body;
        }

        return choice.Otherwise;
    }

    private Flow RunFor(For loop, Scope scope, MarkedTextBuilder output)
    {
        var items = ItemsOf(loop, scope);
        if (items.Count == 0)
            return Run(loop.Otherwise, scope, output);
        var state = new JinjaLoop(items);
        for (var i = 0; i < items.Count; i++)
        {
            state.Index = i;
            var inner = new Scope(scope);
            inner.Set("loop", state);
            Assignment.Assign(loop.Target, items[i], inner, Meter);
            if (Run(loop.Body, inner, output) == Flow.Break)
                break;
        }

        return Flow.Next;
    }

    // A copy: the body may change the list that it walks.
    private List<JinjaValue> ItemsOf(For loop, Scope scope)
    {
        var all = Sequences.Items(Evaluator.Evaluate(loop.Items, scope), Meter);
        Meter.Elements(all.Count);
        var kept = new List<JinjaValue>(all.Count);
        foreach (var item in all)
        {
            if (loop.Filter is not null)
            {
                var inner = new Scope(scope);
                Assignment.Assign(loop.Target, item, inner, Meter);
                if (!Evaluator.Evaluate(loop.Filter, inner).IsTrue)
                    continue;
            }

            kept.Add(item);
        }

        return kept;
    }

    private void RunWith(With with, Scope scope, MarkedTextBuilder output)
    {
        var inner = new Scope(scope);
        foreach (var (target, value) in with.Values)
            Assignment.Assign(target, Evaluator.Evaluate(value, scope), inner, Meter);
        Run(with.Body, inner, output);
    }

    private JinjaValue Filtered(IReadOnlyList<FilterCall> filters, Block body, Scope scope)
    {
        JinjaValue value = Capture(body, new Scope(scope));
        foreach (var filter in filters)
            value = Evaluator.Filter(filter, value, scope);
        return value;
    }

    private void Write(MarkedTextBuilder output, in MarkedText text)
    {
        output.Append(text);
        if (output.Length > Meter.Limits.OutputLength)
            throw new JinjaFault($"the output has more than {Meter.Limits.OutputLength} characters.");
    }
}
