using System.Text.Json;
using System.Text.Json.Serialization;
using Parley.Chat.Conversations;

namespace Parley.Host.Endpoints.Chat;

// What the page sends and receives. Times are Unix seconds with fractions, as OpenAI's created_at but finer; ids are strings.
internal sealed record SessionView(string ProjectId, string UserId, IReadOnlyList<ModelView> Models, string? DefaultModel);

internal sealed record ModelView(string Id, int ContextLength, long Parameters);

internal sealed record NewConversation(string? Title, string? Model);

internal sealed record ConversationChange(string? Title, Guid? ActiveLeafId);

internal sealed record NewMessage(string Content, Guid? ParentId, string? Model, float? Temperature, float? TopP, int? MaxTokens, ulong? Seed)
{
    public TurnSettings Settings => TurnChecks.Checked(new(Model, Temperature, TopP, MaxTokens, Seed));
}

internal sealed record Regeneration(string? Model, float? Temperature, float? TopP, int? MaxTokens, ulong? Seed)
{
    public TurnSettings Settings => TurnChecks.Checked(new(Model, Temperature, TopP, MaxTokens, Seed));
}

internal sealed record Rating(string? Value)
{
    [System.Text.Json.Serialization.JsonPropertyName("rating")]
    public string? Value { get; init; } = Value;
}

internal sealed record ConversationView(Guid Id, string Title, string Model, double CreatedAt, double UpdatedAt, Guid? ActiveLeafId)
{
    public static ConversationView Of(Conversation row) =>
        new(row.Id, row.Title, row.Model, ViewTime.Seconds(row.CreatedAt), ViewTime.Seconds(row.UpdatedAt), row.ActiveLeafId);
}

internal sealed record ConversationListView(IReadOnlyList<ConversationView> Data, bool HasMore);

internal sealed record ConversationDetailView(
    Guid Id, string Title, string Model, double CreatedAt, double UpdatedAt, Guid? ActiveLeafId, IReadOnlyList<MessageView> Messages);

internal sealed record UsageView(int PromptTokens, int CompletionTokens, int TotalTokens)
{
    public static UsageView? Of(int? prompt, int? output) => prompt is { } p && output is { } o ? new(p, o, p + o) : null;
}

internal sealed record MessageView(
    Guid Id,
    Guid? ParentId,
    string Role,
    string Content,
    string? Reasoning,
    double CreatedAt,
    Guid? GenerationId,
    string Status,
    string? FinishReason,
    string? Error,
    string? Model,
    UsageView? Usage,
    string? Feedback)
{
    public static MessageView Of(ConversationMessage row) => new(
        row.Id,
        row.ParentId,
        row.Author == MessageAuthor.User ? "user" : "assistant",
        row.Content,
        row.Reasoning,
        ViewTime.Seconds(row.CreatedAt),
        row.GenerationId,
        StatusName(row.Status),
        row.FinishReason,
        row.Error,
        row.Model,
        UsageView.Of(row.PromptTokens, row.OutputTokens),
        row.Feedback);

    public static string StatusName(MessageStatus status) => status.ToString().ToLowerInvariant();
}

internal sealed record TurnView(MessageView? UserMessage, MessageView AssistantMessage, Guid GenerationId)
{
    public static TurnView Of(StartedTurn turn) => new(
        turn.UserMessage is null ? null : MessageView.Of(turn.UserMessage), MessageView.Of(turn.AssistantMessage), turn.GenerationId);
}

/// <summary>A piece of an answer: <paramref name="Offset"/> is its place in UTF-16 units, so a piece seen twice lands on itself.</summary>
internal sealed record DeltaView(
    long Seq, int Offset, string Text, [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] ReasoningView? Reasoning);

/// <summary>What a piece adds to the thoughts, and its place in all of them.</summary>
internal sealed record ReasoningView(int Offset, string Text);

internal sealed record DoneView(long Seq, string Status, string? FinishReason, UsageView? Usage, string? Error);

internal sealed record EventListView(IReadOnlyList<EventView> Data);

internal sealed record EventView(long Offset, Guid Id, string Type, int Version, double Time, string Subject, Guid? GenerationId, JsonElement Payload);

internal static class ViewTime
{
    public static double Seconds(long microseconds) => microseconds / 1e6;
}
