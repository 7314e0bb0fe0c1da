using Parley.Models;
using Parley.Protocol.Generation;

namespace Parley.Inference;

/// <summary>One answer that an <see cref="Engine"/> is to produce: token ids in, sampling, and when to stop. Immutable; knows no text.</summary>
public sealed record EngineRequest
{
    /// <summary>The generation it belongs to; several choices share it.</summary>
    public Guid Id { get; init; } = Guid.CreateVersion7();

    /// <summary>Which answer of the generation, from 0; also the stream of the seed that it draws from.</summary>
    public int Choice { get; init; }

    /// <summary>The prompt, at least one token.</summary>
    public required ReadOnlyMemory<int> Prompt { get; init; }

    /// <summary>Answer tokens produced earlier: they follow the prompt, and sampling goes on at their end.</summary>
    public ReadOnlyMemory<int> ResumeFrom { get; init; }

    public required SamplingParams Sampling { get; init; }

    /// <summary>
    /// The adapter that all of it is computed with; null: the model as it is. The engine holds it until the sequence has ended, and its numbers must not
    /// change meanwhile.
    /// </summary>
    public Adapter? Adapter { get; init; }

    /// <summary>Answer tokens at most, <see cref="ResumeFrom"/> counted; null: as many as the context holds.</summary>
    public int? MaxOutputTokens { get; init; }

    /// <summary>Ids that end the answer; the id met is still reported.</summary>
    public IReadOnlyList<int> StopTokenIds { get; init; } = [];

    /// <summary>
    /// What the answer must look like; null: anything. It then ends only where it is whole, or where it is cut. Needs at least one of
    /// <see cref="StopTokenIds"/>.
    /// </summary>
    public CompiledConstraint? Constraint { get; init; }

    /// <summary>A space at the very beginning of the answer is not shown, so it does not count for the constraint.</summary>
    public bool DropsFirstSpace { get; init; }

    /// <summary>Report log-probabilities and this many alternatives; null: none, which is faster.</summary>
    public int? TopLogProbabilities { get; init; }

    /// <summary>Other than none: nothing is sampled, and the prompt's hidden states become one vector this way.</summary>
    public Pooling Pooling { get; init; }

    /// <summary>For a vector of two texts: tokens from this one on are the second's, of type 1. 0: there is one text.</summary>
    public int SecondFrom { get; init; }

    /// <summary>
    /// Report the prompt's tokens too, each with this many alternatives; null: none. What is reported is computed, past the prefix
    /// cache, and with <see cref="MaxOutputTokens"/> 0 nothing else is.
    /// </summary>
    public int? PromptLogProbabilities { get; init; }

    /// <summary>
    /// The first of the prompt's tokens that <see cref="PromptLogProbabilities"/> reports, from 1 to the prompt's length. What lies before it may
    /// come from the prefix cache, so that texts with one beginning (the answers to one question) compute it once.
    /// </summary>
    public int PromptScoresFrom { get; init; } = 1;

    /// <summary>
    /// Higher runs first: each level is worth <see cref="EngineOptions.PriorityStep"/> of waiting, so that nobody waits for ever. Within
    /// <see cref="HighestPriority"/> of 0.
    /// </summary>
    public int Priority { get; init; }

    /// <summary>Priorities lie between this, negated, and this.</summary>
    public const int HighestPriority = 100;
}
