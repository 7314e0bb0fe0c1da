using System.Text;
using Parley.Chat.Conversations;
using Parley.Protocol.Generation;

namespace Parley.Chat.Generations;

/// <summary>
/// What a generation's events amount to: the text, how it ended, what it cost. Used by the run itself, by a reader in mid-answer and by the
/// recovery after a crash, so that all three see the same.
/// </summary>
public sealed class AnswerText(string before, string? thoughtBefore = null)
{
    /// <summary>Code of the Failed event that recovery writes for an answer the server did not live to finish.</summary>
    public const string InterruptedCode = "interrupted";

    private readonly StringBuilder _text = new(before);
    private readonly StringBuilder _reasoning = new(thoughtBefore);
    private FinishReason? _finishReason;
    private string? _modelVersion;
    private GenerationEvent? _last;

    public string Text => _text.ToString();

    /// <summary>What was thought; null: nothing.</summary>
    public string? Reasoning => _reasoning.Length > 0 ? _reasoning.ToString() : null;

    public long LastSequence => _last?.Sequence ?? 0;

    public Usage? Usage { get; private set; }

    public bool HasEnded => _last?.Kind is GenerationEventKind.Completed or GenerationEventKind.Failed;

    public MessageStatus Status => _last switch
    {
        { Kind: GenerationEventKind.Failed, Error.Code: InterruptedCode } => MessageStatus.Interrupted,
        { Kind: GenerationEventKind.Failed } => MessageStatus.Failed,
        { Kind: GenerationEventKind.Completed } when _finishReason == FinishReason.Cancelled => MessageStatus.Cancelled,
        { Kind: GenerationEventKind.Completed } => MessageStatus.Completed,
        _ => MessageStatus.Streaming,
    };

    /// <summary>stop or length; null otherwise.</summary>
    public string? FinishName => _finishReason is { } reason and not FinishReason.Cancelled ? reason.ToString().ToLowerInvariant() : null;

    public string? Error => _last?.Error?.Message;

    public void Add(GenerationEvent entry)
    {
        _last = entry;
        _text.Append(entry.Text);
        _reasoning.Append(entry.Reasoning);
        _finishReason = entry.FinishReason ?? _finishReason;
        _modelVersion = entry.ModelVersion ?? _modelVersion;
        Usage = entry.Usage ?? Usage;
    }

    /// <summary>Writes the result into the message's row.</summary>
    public void ApplyTo(ConversationMessage message)
    {
        message.Content = Text;
        message.Reasoning = Reasoning;
        message.Status = Status;
        message.FinishReason = FinishName;
        message.Error = Status == MessageStatus.Failed ? Error : null;
        message.ModelVersion = _modelVersion ?? message.ModelVersion;
        message.PromptTokens = Usage?.PromptTokens ?? message.PromptTokens;
        message.OutputTokens = Usage?.OutputTokens ?? message.OutputTokens;
    }
}
