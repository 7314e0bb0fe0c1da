using Microsoft.EntityFrameworkCore;
using Parley.Protocol.Errors;

namespace Parley.Chat.Conversations;

/// <summary>A conversation's messages by id, and the way from the first message to any of them.</summary>
public sealed class MessageTree
{
    private readonly Dictionary<Guid, ConversationMessage> _messages;

    private MessageTree(Dictionary<Guid, ConversationMessage> messages) => _messages = messages;

    public static async Task<MessageTree> LoadAsync(ChatDbContext context, Guid conversationId, CancellationToken cancellationToken) =>
        new(await context.Messages.AsNoTracking().Where(row => row.ConversationId == conversationId).ToDictionaryAsync(row => row.Id, cancellationToken));

    public bool Has(Guid id) => _messages.ContainsKey(id);

    /// <exception cref="ParleyException">400 naming <paramref name="param"/>: the message is not in this conversation.</exception>
    public ConversationMessage Require(Guid id, string param) =>
        _messages.GetValueOrDefault(id) ?? throw ParleyException.InvalidRequest($"The message '{id}' is not in this conversation.", param);

    /// <summary>The messages from the first one down to <paramref name="leaf"/>; empty for null.</summary>
    public IReadOnlyList<ConversationMessage> PathTo(Guid? leaf)
    {
        var path = new List<ConversationMessage>();
        for (var id = leaf; id is { } current; id = _messages[current].ParentId)
        {
            path.Add(_messages[current]);
        }

        path.Reverse();
        return path;
    }

    /// <summary>Whether something was already said under this message (or, for null, at the beginning).</summary>
    public bool HasChildren(Guid? parent) => _messages.Values.Any(message => message.ParentId == parent);
}
