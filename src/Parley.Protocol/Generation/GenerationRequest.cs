using System.Text.Json;

namespace Parley.Protocol.Generation;

/// <summary>
/// What every dialect (chat completions, completions, the chat page) turns a call into, and the only shape a replica,
/// the gateway and a remote replica understand. Immutable; the seed is always drawn before it is built.
/// </summary>
public sealed record GenerationRequest
{
    /// <summary>UUIDv7; names the generation in logs, ledger, events and the wire.</summary>
    public Guid Id { get; init; } = Guid.CreateVersion7();

    public string ProjectId { get; init; } = Identity.Local;

    public string UserId { get; init; } = Identity.Local;

    /// <summary>The API key the call came with; null for loopback without a key and for the chat page.</summary>
    public Guid? KeyId { get; init; }

    /// <summary>The model name as the caller gave it.</summary>
    public required string Model { get; init; }

    /// <summary>Name of an adapter (LoRA) to apply, or null.</summary>
    public string? Adapter { get; init; }

    public required GenerationInput Input { get; init; }

    public required SamplingParams Sampling { get; init; }

    /// <summary>At most this many output tokens per choice, those of <see cref="ResumeFrom"/> counted; null: as many as the context holds.</summary>
    public int? MaxOutputTokens { get; init; }

    /// <summary>How many independent answers are wanted, 1 or more. Choice c samples with stream c of the seed.</summary>
    public int Choices { get; init; } = 1;

    /// <summary>Texts that end an answer; never part of it. At most 4 in OpenAI's dialect.</summary>
    public IReadOnlyList<string> Stop { get; init; } = [];

    /// <summary>Token ids that end an answer, beside the model's own end tokens.</summary>
    public IReadOnlyList<int> StopTokenIds { get; init; } = [];

    /// <summary>What each answer must look like; null: anything.</summary>
    public GenerationConstraint? Constraint { get; init; }

    /// <summary>Report the log-probability of each token and of this many alternatives; null: none.</summary>
    public int? TopLogProbabilities { get; init; }

    /// <summary>Begin each answer with the prompt itself: its text, and its log-probabilities when they are asked for. Text and token ids only.</summary>
    public bool EchoPrompt { get; init; }

    /// <summary>Functions that the model may call; null: none. Chat only.</summary>
    public ToolSettings? Tools { get; init; }

    /// <summary>Further variables of the chat template, such as enable_thinking.</summary>
    public IReadOnlyDictionary<string, JsonElement> TemplateVariables { get; init; } = new Dictionary<string, JsonElement>(StringComparer.Ordinal);

    /// <summary>Set when vectors are wanted: nothing is generated, and the input is <see cref="GenerationInput.Many"/> with one for each of <see cref="Choices"/>.</summary>
    public VectorRequest? Vector { get; init; }

    /// <summary>Output tokens an earlier, interrupted run of this generation already produced: sampling goes on at their end.</summary>
    public IReadOnlyList<int> ResumeFrom { get; init; } = [];

    /// <summary>How many UTF-16 units of the answer earlier runs already showed. The replica derives the text from all tokens and sends what lies beyond.</summary>
    public int ResumeTextLength { get; init; }

    /// <summary>As <see cref="ResumeTextLength"/>, of what was thought.</summary>
    public int ResumeReasoningLength { get; init; }

    /// <summary>Higher runs first; 0 is ordinary traffic.</summary>
    public int Priority { get; init; }

    /// <summary>Parameters that have no meaning here but are accepted and recorded (user, metadata, service_tier ...).</summary>
    public IReadOnlyDictionary<string, string> Recorded { get; init; } = new Dictionary<string, string>(StringComparer.Ordinal);
}
