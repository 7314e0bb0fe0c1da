using System.Text;

namespace Parley.Inference;

/// <summary>
/// Writes a grammar from its ends to its beginnings: every method takes the node that follows and returns the node that begins. Rules may be
/// named before they are written, so they can call each other.
/// </summary>
internal sealed class GrammarBuilder
{
    /// <summary>Nodes of one grammar at most.</summary>
    public const int MostNodes = 200_000;

    private readonly List<GrammarNode> _nodes = [new(NodeKind.End)];
    private readonly List<int> _rules = [];

    /// <summary>The node at which every rule ends.</summary>
    public const int End = 0;

    /// <summary>A rule that is written later by <see cref="Write"/>.</summary>
    public int Rule()
    {
        _rules.Add(-1);
        return _rules.Count - 1;
    }

    public void Write(int rule, int start) => _rules[rule] = start;

    /// <summary>A rule whose start is at hand.</summary>
    public int Rule(int start)
    {
        _rules.Add(start);
        return _rules.Count - 1;
    }

    public int Bytes(byte first, byte last, int next) => Add(new(NodeKind.Bytes) { First = first, Last = last, Next = next });

    public int Literal(string text, int next) => Literal(Encoding.UTF8.GetBytes(text), next);

    public int Literal(ReadOnlySpan<byte> text, int next)
    {
        for (var i = text.Length - 1; i >= 0; i--)
        {
            next = Bytes(text[i], text[i], next);
        }

        return next;
    }

    /// <summary>One of several; none at all for an empty list, which is a text that does not exist.</summary>
    public int Either(params IReadOnlyList<int> starts) => starts.Count == 1 ? starts[0] : Add(new(NodeKind.Split) { Targets = [.. starts] });

    public int Call(int rule, int next) => Add(new(NodeKind.Call) { Rule = rule, Next = next });

    /// <param name="first">The rule of the first text.</param>
    /// <param name="rest">The rule of each text after it.</param>
    /// <param name="min">Texts at least.</param>
    /// <param name="max">Texts at most; below 0: no limit.</param>
    /// <param name="next">What follows.</param>
    public int Repeat(int first, int rest, int min, int max, int next) =>
        Add(new(NodeKind.Repeat) { Rule = first, Rest = rest, Min = min, Max = max, Next = next });

    /// <param name="id">A control token of the vocabulary.</param>
    /// <param name="next">What follows.</param>
    public int Token(int id, int next) => Add(new(NodeKind.Token) { Token = id, Next = next });

    public int Text(LeafMachine machine, int next) => Add(new(NodeKind.Machine) { Machine = machine, Next = next });

    /// <param name="start">The rule of a whole text.</param>
    /// <param name="alphabet">Bytes that can be written; null: all.</param>
    public Grammar Build(int start, ByteAlphabetSet? alphabet = null)
    {
        // A rule that was given up halfway, for a schema that cannot be honoured, has no text; nothing that is written in its place calls it.
        for (var rule = 0; rule < _rules.Count; rule++)
        {
            _rules[rule] = _rules[rule] < 0 ? Either() : _rules[rule];
        }

        return new([.. _nodes], [.. _rules], start, alphabet ?? ByteAlphabetSet.All);
    }

    private int Add(GrammarNode node)
    {
        if (_nodes.Count >= MostNodes)
        {
            throw new ConstraintException($"The constraint is too large: it needs more than {MostNodes:N0} places; make it smaller.");
        }

        _nodes.Add(node);
        return _nodes.Count - 1;
    }
}
