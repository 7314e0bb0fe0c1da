using System.Numerics;

namespace Parley.Inference;

/// <summary>
/// Where one answer is in its <see cref="CompiledConstraint"/>. The sampler asks which tokens may come, the sequence tells which one came.
/// What ends by an end token is a whole text of the constraint. One thread at a time.
/// </summary>
public sealed class TokenConstraint
{
    private readonly CompiledConstraint _compiled;
    private readonly int[] _endTokens;
    private readonly float[] _endLogits;
    private readonly bool _dropsFirstSpace;
    private AutomatonState? _reached; // null before the first token

    internal TokenConstraint(CompiledConstraint compiled, IReadOnlyList<int> endTokens, bool dropsFirstSpace)
    {
        (_compiled, _endTokens, _dropsFirstSpace) = (compiled, [.. endTokens], dropsFirstSpace);
        _endLogits = new float[_endTokens.Length];
    }

    /// <summary>The answer so far is a whole text: it may end here.</summary>
    public bool IsComplete => State.IsComplete;

    private AutomatonState State => _reached ?? _compiled.First(_dropsFirstSpace);

    /// <summary>Takes the next token of the answer; end tokens change nothing. False, and unusable from then on, when it may not come here.</summary>
    public bool Accept(int token)
    {
        if (_endTokens.AsSpan().Contains(token))
        {
            return IsComplete;
        }

        _reached = _compiled.Step(State, token);
        return !ReferenceEquals(_reached, AutomatonState.Dead);
    }

    /// <summary>Takes away every token that may not come next: its logit becomes minus infinity.</summary>
    /// <param name="logits">[V], as many as the model has.</param>
    /// <returns>The lowest id that may come.</returns>
    public int Mask(Span<float> logits)
    {
        for (var i = 0; i < _endTokens.Length; i++)
        {
            _endLogits[i] = logits[_endTokens[i]];
        }

        var first = Apply(_compiled.MaskOf(State), logits);
        for (var i = 0; i < _endTokens.Length; i++)
        {
            logits[_endTokens[i]] = IsComplete ? _endLogits[i] : float.NegativeInfinity;
            first = IsComplete ? Math.Min(first, _endTokens[i]) : first;
        }

        return first;
    }

    private static int Apply(ulong[] mask, Span<float> logits)
    {
        var first = int.MaxValue;
        for (var word = 0; word * 64 < logits.Length; word++)
        {
            var bits = word < mask.Length ? mask[word] : 0;
            var part = logits[(word * 64)..Math.Min(logits.Length, (word * 64) + 64)];
            if (bits == 0)
            {
                part.Fill(float.NegativeInfinity);
                continue;
            }

            first = Math.Min(first, (word * 64) + BitOperations.TrailingZeroCount(bits));
            for (var shut = ~bits; shut != 0; shut &= shut - 1)
            {
                var at = BitOperations.TrailingZeroCount(shut);
                if (at < part.Length)
                {
                    part[at] = float.NegativeInfinity;
                }
            }
        }

        return first;
    }
}
