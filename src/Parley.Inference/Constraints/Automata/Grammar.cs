namespace Parley.Inference;

/// <summary>
/// Rules over bytes that may call each other. Checked when made: a place from which no text can be finished is marked and never entered,
/// and no rule begins with itself, so that reading one byte always ends.
/// </summary>
internal sealed class Grammar
{
    private readonly GrammarNode[] _nodes;
    private readonly int[] _rules;
    private readonly bool[] _productive;
    private readonly ByteAlphabetSet _alphabet;

    /// <exception cref="ConstraintException">A rule begins with itself, or no text exists at all.</exception>
    public Grammar(GrammarNode[] nodes, int[] rules, int start, ByteAlphabetSet alphabet)
    {
        (_nodes, _rules, Start, _alphabet) = (nodes, rules, start, alphabet);
        _productive = GrammarAnalysis.Productive(this);
        var nullable = GrammarAnalysis.Nullable(this);
        GrammarAnalysis.RefuseLeftRecursion(this, nullable);
        for (var at = 0; at < nodes.Length; at++)
        {
            // Texts that may be empty can always be more of them: only how many were written matters, and none has to be.
            _nodes[at] = nodes[at] is { Kind: NodeKind.Repeat } node && node.Rule == node.Rest && nullable[StartOf(node.Rule)] ? node with { Min = 0, SkipsEmpty = true } : nodes[at];
        }

        if (!IsProductive(StartOf(start)))
        {
            throw new ConstraintException("No text satisfies the constraint (or the vocabulary cannot write any); loosen it.");
        }
    }

    public int Start { get; }

    public int Count => _nodes.Length;

    public int RuleCount => _rules.Length;

    public GrammarNode this[int node] => _nodes[node];

    public int StartOf(int rule) => _rules[rule];

    /// <summary>A text can be finished from here.</summary>
    public bool IsProductive(int node) => _productive is null || _productive[node];

    public bool Reads(GrammarNode node, byte value) => node.Kind == NodeKind.Bytes && value >= node.First && value <= node.Last && _alphabet.Has(value);

    public bool ReadsAny(GrammarNode node) => _alphabet.HasAny(node.First, node.Last);

    /// <summary>The number that a node is entered with: a machine's first state, a repetition's count of nothing yet.</summary>
    public int InitialData(int node) => _nodes[node].Machine?.Start ?? 0;
}
