namespace Parley.Inference;

/// <summary>What is known of a grammar before it reads anything: where texts can be finished, which rules may be empty, which begin with themselves.</summary>
internal static class GrammarAnalysis
{
    /// <summary>By node: whether a text can be finished from it to its rule's end.</summary>
    public static bool[] Productive(Grammar grammar) => Fixpoint(grammar, (node, known) => node.Kind switch
    {
        NodeKind.End => true,
        NodeKind.Bytes => known[node.Next] && grammar.ReadsAny(node),
        NodeKind.Split => node.Targets.Any(target => known[target]),
        NodeKind.Call => known[node.Next] && known[grammar.StartOf(node.Rule)],
        NodeKind.Repeat => known[node.Next] && CanRepeat(node, known, grammar),
        _ => known[node.Next],
    });

    /// <summary>By node: whether its rule's end can be reached from it without reading.</summary>
    public static bool[] Nullable(Grammar grammar) => Fixpoint(grammar, (node, known) => node.Kind switch
    {
        NodeKind.End => true,
        NodeKind.Bytes or NodeKind.Token => false,
        NodeKind.Split => node.Targets.Any(target => known[target]),
        NodeKind.Call => known[node.Next] && known[grammar.StartOf(node.Rule)],
        NodeKind.Repeat => known[node.Next] && (node.Min == 0 || known[grammar.StartOf(node.Rule)]),
        _ => known[node.Next] && node.Machine!.Accepts(node.Machine.Start),
    });

    /// <exception cref="ConstraintException">A rule can begin with itself.</exception>
    public static void RefuseLeftRecursion(Grammar grammar, bool[] nullable)
    {
        var begun = new byte[grammar.RuleCount]; // 1: on the way, 2: done
        for (var rule = 0; rule < begun.Length; rule++)
        {
            Descend(grammar, nullable, begun, rule);
        }
    }

    private static bool CanRepeat(GrammarNode node, bool[] known, Grammar grammar) =>
        node.Min == 0 || (known[grammar.StartOf(node.Rule)] && (node.Min == 1 || known[grammar.StartOf(node.Rest)]));

    // Iterative, as rules may be nested deeply: each entry is a rule with the rules that it may begin with and how many of them were looked at.
    private static void Descend(Grammar grammar, bool[] nullable, byte[] begun, int first)
    {
        var way = new Stack<(int Rule, List<int> Leading, int At)>();
        Enter(first);
        while (way.TryPop(out var top))
        {
            if (top.At == top.Leading.Count)
            {
                begun[top.Rule] = 2;
                continue;
            }

            way.Push((top.Rule, top.Leading, top.At + 1));
            Enter(top.Leading[top.At]);
        }

        void Enter(int rule)
        {
            if (begun[rule] == 1)
            {
                throw new ConstraintException("A rule of the grammar begins with itself (left recursion); write it as a repetition.");
            }

            if (begun[rule] == 0)
            {
                begun[rule] = 1;
                way.Push((rule, Leading(grammar, nullable, rule), 0));
            }
        }
    }

    private static List<int> Leading(Grammar grammar, bool[] nullable, int rule)
    {
        var (found, seen, work) = (new List<int>(), new HashSet<int>(), new Stack<int>([grammar.StartOf(rule)]));
        while (work.TryPop(out var at))
        {
            if (!grammar.IsProductive(at) || !seen.Add(at))
            {
                continue;
            }

            var node = grammar[at];
            foreach (var target in node.Targets)
            {
                work.Push(target);
            }

            if (node.Kind is NodeKind.Call or NodeKind.Repeat)
            {
                found.Add(node.Rule);
                if (node.Kind == NodeKind.Repeat && nullable[grammar.StartOf(node.Rule)])
                {
                    found.Add(node.Rest);
                }
            }

            if ((node.Kind == NodeKind.Call && nullable[grammar.StartOf(node.Rule)])
                || (node.Kind == NodeKind.Repeat && (node.Min == 0 || nullable[grammar.StartOf(node.Rule)]))
                || (node.Kind == NodeKind.Machine && node.Machine!.Accepts(node.Machine.Start)))
            {
                work.Push(node.Next);
            }
        }

        return found;
    }

    // The least set that a rule of inference gives; a node is looked at again only when something that it depends on has become known.
    private static bool[] Fixpoint(Grammar grammar, Func<GrammarNode, bool[], bool> holds)
    {
        var dependents = new List<int>?[grammar.Count];
        for (var at = 0; at < grammar.Count; at++)
        {
            foreach (var source in Sources(grammar, grammar[at]))
            {
                (dependents[source] ??= []).Add(at);
            }
        }

        var known = new bool[grammar.Count];
        var work = new Stack<int>(Enumerable.Range(0, grammar.Count));
        while (work.TryPop(out var at))
        {
            if (!known[at] && holds(grammar[at], known))
            {
                known[at] = true;
                dependents[at]?.ForEach(work.Push);
            }
        }

        return known;
    }

    private static IEnumerable<int> Sources(Grammar grammar, GrammarNode node) => node.Kind switch
    {
        NodeKind.End => [],
        NodeKind.Split => node.Targets,
        NodeKind.Call => [node.Next, grammar.StartOf(node.Rule)],
        NodeKind.Repeat => [node.Next, grammar.StartOf(node.Rule), grammar.StartOf(node.Rest)],
        _ => [node.Next],
    };
}
