namespace Parley.Inference;

/// <summary>
/// What answers may look like, for one tokenizer: a grammar over bytes, and for every place in it the tokens that may come next, computed
/// when first needed. Shared by all sequences that have it; safe for several threads; bounded in memory.
/// </summary>
public sealed class CompiledConstraint
{
    private const long MostMaskBytes = 24L << 20;

    private readonly Lock _lock = new();
    private readonly LazyAutomaton _automaton;
    private readonly TokenVocabulary _vocabulary;
    private AutomatonState? _spaced; // the start, where one space more may stand before everything
    private long _maskBytes;

    internal CompiledConstraint(Grammar grammar, TokenVocabulary vocabulary, long steps) =>
        (_automaton, _vocabulary, CompileSteps) = (new LazyAutomaton(grammar), vocabulary, steps);

    /// <summary>What compiling it cost: the same on every machine, so that a test can hold it to a bound.</summary>
    internal long CompileSteps { get; }

    /// <summary>What the dearest of its masks has cost so far, in places of the grammar that were looked at.</summary>
    internal int MostMaskPlaces { get; private set; }

    /// <inheritdoc cref="Closure.Visits"/>
    internal long Visits => _automaton.Visits;

    /// <summary>The state of one answer at its beginning.</summary>
    /// <param name="endTokens">Ids that end an answer; allowed exactly where the answer is whole.</param>
    /// <param name="dropsFirstSpace">A space at the very beginning is not shown (SentencePiece in a chat), so it does not count.</param>
    public TokenConstraint Start(IReadOnlyList<int> endTokens, bool dropsFirstSpace = false) => new(this, endTokens, dropsFirstSpace);

    /// <summary>Whether a whole text satisfies the constraint: what an answer that ended by itself always does.</summary>
    public bool Accepts(ReadOnlySpan<byte> text)
    {
        lock (_lock)
        {
            return _automaton.Step(Fresh(_automaton.Start), text).IsComplete;
        }
    }

    /// <summary>Where an answer begins.</summary>
    internal AutomatonState First(bool dropsFirstSpace)
    {
        lock (_lock)
        {
            var start = Fresh(_automaton.Start);
            if (!dropsFirstSpace)
            {
                return start;
            }

            if (_spaced is null || _spaced.Generation != start.Generation)
            {
                _spaced = new AutomatonState(start.Items, start.IsComplete, start.Generation);
                _spaced.Next[' '] = start;
            }

            return _spaced;
        }
    }

    internal AutomatonState Step(AutomatonState state, int token)
    {
        var tokenizer = _vocabulary.Tokenizer;
        if ((uint)token >= (uint)tokenizer.VocabularySize)
        {
            return AutomatonState.Dead;
        }

        lock (_lock)
        {
            return tokenizer.Special.IsSpecial(token) ? _automaton.StepOver(Fresh(state), token)
                : tokenizer.TokenBytes(token) is { IsEmpty: false } bytes ? _automaton.Step(Fresh(state), bytes)
                : AutomatonState.Dead;
        }
    }

    /// <summary>One bit a token of the tokenizer; never changes.</summary>
    internal ulong[] MaskOf(AutomatonState state)
    {
        lock (_lock)
        {
            if (state.Mask is { } known)
            {
                return known;
            }

            state = Fresh(state);
            if (state.Mask is null)
            {
                state.Mask = _vocabulary.MaskOf(_automaton, state, out var places);
                MostMaskPlaces = Math.Max(MostMaskPlaces, places);
                _maskBytes += state.Mask.Length * sizeof(ulong);
            }

            return state.Mask;
        }
    }

    private AutomatonState Fresh(AutomatonState state)
    {
        if ((_automaton.IsFull || _maskBytes > MostMaskBytes) && !ReferenceEquals(state, _spaced))
        {
            _automaton.Forget();
            _maskBytes = 0;
        }

        return _automaton.Current(state);
    }
}
