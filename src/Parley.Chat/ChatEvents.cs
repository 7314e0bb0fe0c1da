using System.Text.Json;
using Parley.Protocol.Events;

namespace Parley.Chat;

/// <summary>The events Chat writes. Ids and numbers only: what people say stays in columns that can be deleted.</summary>
internal static class ChatEvents
{
    public static OutboxEvent ConversationCreated(Owner owner, long time, Guid conversation) =>
        Create(owner, time, "conversation.created", null, new() { ["conversation_id"] = conversation.ToString() });

    public static OutboxEvent ConversationDeleted(Owner owner, long time, Guid conversation) =>
        Create(owner, time, "conversation.deleted", null, new() { ["conversation_id"] = conversation.ToString() });

    public static OutboxEvent MessageSent(Owner owner, long time, Guid conversation, Guid message, bool edited) =>
        Create(owner, time, edited ? "message.edited" : "message.sent", null, Ids(conversation, message));

    public static OutboxEvent AnswerRequested(Owner owner, long time, Guid conversation, Guid message, Guid generation, string how) =>
        Create(owner, time, "answer." + how, generation, Ids(conversation, message));

    public static OutboxEvent MessageRated(Owner owner, long time, Guid conversation, Guid message, Guid? generation, string? rating)
    {
        var payload = Ids(conversation, message);
        payload["rating"] = rating ?? "none";
        return Create(owner, time, "message.rated", generation, payload);
    }

    public static OutboxEvent AnswerEnded(Owner owner, long time, Guid conversation, Guid message, Guid generation, string status)
    {
        var payload = Ids(conversation, message);
        payload["status"] = status;
        return Create(owner, time, "answer.ended", generation, payload);
    }

    private static Dictionary<string, string> Ids(Guid conversation, Guid message) =>
        new(StringComparer.Ordinal) { ["conversation_id"] = conversation.ToString(), ["message_id"] = message.ToString() };

    private static OutboxEvent Create(Owner owner, long time, string type, Guid? generation, Dictionary<string, string> payload) => new()
    {
        Type = type,
        Time = time,
        ProjectId = owner.ProjectId,
        Subject = owner.UserId,
        GenerationId = generation,
        Payload = JsonSerializer.Serialize(payload),
    };
}
