namespace Parley.Inference;

/// <summary>
/// A grammar read byte by byte, deterministic: each state is made when a text first reaches it. Past a number of states all are forgotten
/// and made anew as needed, so its memory is bounded whatever is read. Not safe for several threads.
/// </summary>
internal sealed class LazyAutomaton
{
    private const int MostStates = 6000;

    private readonly Grammar _grammar;
    private readonly StackPool _stacks = new();
    private readonly Closure _closure;
    private readonly Dictionary<int, List<AutomatonState>> _known = [];
    private AutomatonState[] _path = [];
    private int _generation;
    private int _count;

    public LazyAutomaton(Grammar grammar)
    {
        (_grammar, _closure) = (grammar, new Closure(grammar, _stacks));
        Start = First();
    }

    /// <summary>Nothing was read yet.</summary>
    public AutomatonState Start { get; private set; }

    /// <inheritdoc cref="Closure.Visits"/>
    public long Visits => _closure.Visits;

    /// <summary>True when enough has gathered that it should forget; asked between two walks, never within one.</summary>
    public bool IsFull => _count > MostStates;

    /// <summary>The state after one more byte, or <see cref="AutomatonState.Dead"/>.</summary>
    public AutomatonState Step(AutomatonState state, byte value) => state.Next.Length == 0 ? AutomatonState.Dead : state.Next[value] ??= Read(state, value);

    public AutomatonState Step(AutomatonState state, ReadOnlySpan<byte> bytes)
    {
        foreach (var value in bytes)
        {
            state = Step(state, value);
            if (ReferenceEquals(state, AutomatonState.Dead))
            {
                break;
            }
        }

        return state;
    }

    /// <summary>Room for the states of one walk, kept from walk to walk.</summary>
    public AutomatonState[] Path(int length)
    {
        if (_path.Length < length)
        {
            _path = new AutomatonState[length];
        }

        return _path;
    }

    /// <summary>The state after a control token, or <see cref="AutomatonState.Dead"/>.</summary>
    public AutomatonState StepOver(AutomatonState state, int token)
    {
        _closure.Begin();
        var any = false;
        foreach (var item in state.Items)
        {
            var node = _grammar[item.Node];
            if (node.Kind == NodeKind.Token && node.Token == token)
            {
                any = true;
                _closure.Enter(node.Next, item.Stack);
            }
        }

        return any ? Intern(_closure.Finish(), _closure.IsComplete) : AutomatonState.Dead;
    }

    /// <summary>Sets the bits of the control tokens that may follow.</summary>
    public void AllowControl(AutomatonState state, ulong[] mask)
    {
        foreach (var item in state.Items)
        {
            var node = _grammar[item.Node];
            if (node.Kind == NodeKind.Token)
            {
                mask[node.Token >> 6] |= 1UL << (node.Token & 63);
            }
        }
    }

    /// <summary>How many characters may follow whatever they are, but for quotes, backslashes and control characters. True when longer texts of such are out.</summary>
    public (int Characters, bool AndNoMore) AnyCharacters(AutomatonState state)
    {
        var (most, alone) = (0, true);
        foreach (var item in state.Items)
        {
            var any = _grammar[item.Node].Machine?.AnyCharacters(item.Data) ?? 0;
            most = Math.Max(most, any);
            alone &= any > 0;
        }

        return (most, alone);
    }

    public void Forget()
    {
        _known.Clear();
        _stacks.Clear();
        _count = 0;
        _generation++;
        Start = First();
    }

    /// <summary>The same state in the automaton's present life.</summary>
    public AutomatonState Current(AutomatonState state) => state.Generation == _generation ? state : Intern(state.Items, state.IsComplete);

    private AutomatonState First()
    {
        _closure.Begin();
        _closure.Enter(_grammar.StartOf(_grammar.Start), _stacks.Bottom);
        return Intern(_closure.Finish(), _closure.IsComplete);
    }

    private AutomatonState Read(AutomatonState state, byte value)
    {
        _closure.Begin();
        var any = false;
        foreach (var item in state.Items)
        {
            var node = _grammar[item.Node];
            if (node.Machine is { } machine)
            {
                var next = machine.Step(item.Data, value);
                if (next != LeafMachine.Dead)
                {
                    any = true;
                    _closure.Add(item.Node, next, item.Stack);
                }
            }
            else if (_grammar.Reads(node, value))
            {
                any = true;
                _closure.Enter(node.Next, item.Stack);
            }
        }

        return any ? Intern(_closure.Finish(), _closure.IsComplete) : AutomatonState.Dead;
    }

    private AutomatonState Intern(AutomatonItem[] items, bool isComplete)
    {
        var hash = new HashCode();
        hash.Add(isComplete);
        foreach (var item in items)
        {
            hash.Add(item.Node);
            hash.Add(item.Data);
            hash.Add(item.Stack.Id);
        }

        var key = hash.ToHashCode();
        if (!_known.TryGetValue(key, out var same))
        {
            _known[key] = same = new(1);
        }

        foreach (var known in same)
        {
            if (known.IsComplete == isComplete && known.Items.AsSpan().SequenceEqual(items))
            {
                return known;
            }
        }

        _count++;
        same.Add(new AutomatonState(items, isComplete, _generation));
        return same[^1];
    }
}
