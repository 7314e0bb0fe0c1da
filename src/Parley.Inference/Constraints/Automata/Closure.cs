namespace Parley.Inference;

/// <summary>
/// All places that can be reached without reading. A rule that is called from several places at once is entered once and returns to all of
/// them: stacks are shared as in a graph-structured stack (Tomita), so ambiguity does not multiply them. Keeps its memory; one at a time.
/// </summary>
internal sealed class Closure(Grammar grammar, StackPool stacks)
{
    /// <summary>
    /// Places that read where the grammar reads already, with another count or way back: more than this are not looked for. A very ambiguous grammar loses alternatives,
    /// never the right to end; one that only has many loses none.
    /// </summary>
    private const int MostAmbiguous = 2000;

    private readonly Dictionary<int, Context> _invocations = [];
    private readonly Dictionary<StackSet, Context> _returns = [];
    private readonly HashSet<(int Node, int Data, Context Context)> _seen = [];
    private readonly Stack<(int Node, int Data, Context Context)> _work = [];
    private readonly List<(int Node, int Data, Context Context)> _reading = [];
    private readonly int[] _readIn = new int[grammar.Count]; // by node, the closure in which it read last
    private int _closure;
    private int _nodes; // that read in this one

    public bool IsComplete { get; private set; }

    /// <summary>Places gone to in all: what the time goes to.</summary>
    public long Visits { get; private set; }

    public void Begin()
    {
        _invocations.Clear();
        _returns.Clear();
        _seen.Clear();
        _reading.Clear();
        (_closure, _nodes) = (_closure + 1, 0);
        IsComplete = false;
    }

    /// <summary>Adds a place that was reached by reading, or where everything begins.</summary>
    public void Add(int node, int data, StackSet stack)
    {
        Push(node, data, Of(stack));
        while (_reading.Count - _nodes < MostAmbiguous && _work.TryPop(out var place))
        {
            Follow(place.Node, place.Data, place.Context);
        }

        _work.Clear();
    }

    public void Enter(int node, StackSet stack) => Add(node, grammar.InitialData(node), stack);

    /// <summary>The places that read, sorted; those that differ only in where they return to are one.</summary>
    public AutomatonItem[] Finish()
    {
        if (_reading.Count == 1)
        {
            return [new(_reading[0].Node, _reading[0].Data, Resolve(_reading[0].Context))];
        }

        _reading.Sort(static (a, b) => a.Node != b.Node ? a.Node.CompareTo(b.Node) : a.Data.CompareTo(b.Data));
        var items = new List<AutomatonItem>(_reading.Count);
        for (var i = 0; i < _reading.Count;)
        {
            var (node, data, _) = _reading[i];
            var end = i + 1;
            while (end < _reading.Count && _reading[end].Node == node && _reading[end].Data == data)
            {
                end++;
            }

            items.Add(new(node, data, end == i + 1 ? Resolve(_reading[i].Context) : Union(_reading[i..end])));
            i = end;
        }

        return [.. items];
    }

    private StackSet Union(List<(int Node, int Data, Context Context)> places)
    {
        var (entries, isBottom) = (new List<StackEntry>(), false);
        foreach (var place in places)
        {
            var stack = Resolve(place.Context);
            entries.AddRange(stack.Entries);
            isBottom |= stack.IsBottom;
        }

        return stacks.Intern(entries, isBottom);
    }

    private void Follow(int at, int data, Context context)
    {
        var node = grammar[at];
        switch (node.Kind)
        {
            case NodeKind.End:
                Return(context);
                break;
            case NodeKind.Bytes or NodeKind.Token:
                Read(at, data, context);
                break;
            case NodeKind.Split:
                foreach (var target in node.Targets)
                {
                    Push(target, grammar.InitialData(target), context);
                }

                break;
            case NodeKind.Call:
                Invoke(node.Rule, node.Next, grammar.InitialData(node.Next), context);
                break;
            case NodeKind.Repeat:
                Repeat(node, at, data, context);
                break;
            default:
                Read(at, data, context);
                if (node.Machine!.Accepts(data))
                {
                    Push(node.Next, grammar.InitialData(node.Next), context);
                }

                break;
        }
    }

    private void Read(int node, int data, Context context)
    {
        _reading.Add((node, data, context));
        if (_readIn[node] != _closure)
        {
            _readIn[node] = _closure;
            _nodes++;
        }
    }

    private void Repeat(GrammarNode node, int at, int count, Context context)
    {
        if (count >= node.Min)
        {
            Push(node.Next, grammar.InitialData(node.Next), context);
        }

        if (node.Max < 0 || count < node.Max)
        {
            // Without a limit a count beyond the least, or the first, tells nothing.
            var more = node.Max < 0 ? Math.Min(count + 1, Math.Max(1, node.Min)) : count + 1;
            Invoke(count == 0 ? node.Rule : node.Rest, at, more, context);
        }
    }

    private void Push(int node, int data, Context context)
    {
        if (grammar.IsProductive(node) && _seen.Add((node, data, context)))
        {
            Visits++;
            _work.Push((node, data, context));
        }
    }

    private void Invoke(int rule, int returnNode, int returnData, Context caller)
    {
        if (!grammar.IsProductive(returnNode))
        {
            return;
        }

        var isNew = !_invocations.TryGetValue(rule, out var context);
        if (isNew)
        {
            _invocations[rule] = context = new Context();
        }

        if (context!.Callers.Add((returnNode, returnData, caller)) && context.HasReturned)
        {
            Pass(returnNode, returnData, caller);
        }

        if (isNew)
        {
            var start = grammar.StartOf(rule);
            Push(start, grammar.InitialData(start), context);
        }
    }

    private void Return(Context context)
    {
        if (context.Stack is { } stack)
        {
            IsComplete |= stack.IsBottom;
            foreach (var entry in stack.Entries)
            {
                Push(entry.Node, entry.Data, Of(entry.Parent));
            }
        }
        else if (!context.HasReturned)
        {
            context.HasReturned = true;
            foreach (var (node, data, caller) in context.Callers.ToArray())
            {
                Pass(node, data, caller);
            }
        }
    }

    // On from a rule of which nothing was read.
    private void Pass(int node, int data, Context caller)
    {
        if (!grammar[node].SkipsEmpty)
        {
            Push(node, data, caller);
        }
    }

    // A rule whose caller has nothing left to do returns to its caller's caller at once: recursion at the end of a rule takes no stack.
    private StackSet Resolve(Context context)
    {
        if (context.Stack is { } known)
        {
            return known;
        }

        var (entries, isBottom) = (new List<StackEntry>(), false);
        foreach (var (node, data, caller) in context.Callers)
        {
            var under = Resolve(caller);
            if (node == GrammarBuilder.End)
            {
                entries.AddRange(under.Entries);
                isBottom |= under.IsBottom;
            }
            else
            {
                entries.Add(new(node, data, under));
            }
        }

        return context.Stack = stacks.Intern(entries, isBottom);
    }

    private Context Of(StackSet stack)
    {
        if (!_returns.TryGetValue(stack, out var context))
        {
            _returns[stack] = context = new Context { Stack = stack };
        }

        return context;
    }

    /// <summary>Where a place returns to: a stack, or the callers of a rule that was entered right here.</summary>
    private sealed class Context
    {
        public StackSet? Stack { get; set; }

        public HashSet<(int Node, int Data, Context Caller)> Callers { get; } = [];

        public bool HasReturned { get; set; }
    }
}
