using Microsoft.EntityFrameworkCore;
using Parley.Protocol;
using Parley.Protocol.Errors;

namespace Parley.Chat.Conversations;

/// <summary>
/// Lists, reads, renames and deletes conversations. Knows rows, not models: what is said next is <see cref="Turns"/>'s business.
/// </summary>
public sealed class ConversationStore(IDbContextFactory<ChatDbContext> contexts, TimeProvider time)
{
    /// <summary>The owner's conversations, latest activity first.</summary>
    /// <param name="after">Return those that come after this conversation, or null to start.</param>
    public async Task<ConversationPage> ListAsync(Owner owner, int limit, Guid? after, CancellationToken cancellationToken)
    {
        await using var context = await contexts.CreateDbContextAsync(cancellationToken);
        var rows = Owned(context, owner);
        if (after is { } last)
        {
            var anchor = await FindAsync(context, owner, last, cancellationToken);
            rows = rows.Where(row => row.UpdatedAt < anchor.UpdatedAt || (row.UpdatedAt == anchor.UpdatedAt && row.CreatedAt < anchor.CreatedAt));
        }

        var page = await rows.OrderByDescending(row => row.UpdatedAt).ThenByDescending(row => row.CreatedAt).Take(limit + 1).ToListAsync(cancellationToken);
        return new ConversationPage([.. page.Take(limit)], page.Count > limit);
    }

    public async Task<Conversation> CreateAsync(Owner owner, string? title, string model, CancellationToken cancellationToken)
    {
        await using var context = await contexts.CreateDbContextAsync(cancellationToken);
        var now = time.UtcMicroseconds();
        var conversation = new Conversation
        {
            ProjectId = owner.ProjectId,
            UserId = owner.UserId,
            Title = Cut(title ?? ""),
            Model = model,
            CreatedAt = now,
            UpdatedAt = now,
        };
        context.Add(conversation);
        context.Add(ChatEvents.ConversationCreated(owner, now, conversation.Id));
        await context.SaveChangesAsync(cancellationToken);
        return conversation;
    }

    /// <exception cref="ParleyException">404: there is no such conversation of this owner.</exception>
    public async Task<(Conversation Conversation, IReadOnlyList<ConversationMessage> Messages)> GetAsync(
        Owner owner, Guid id, CancellationToken cancellationToken)
    {
        await using var context = await contexts.CreateDbContextAsync(cancellationToken);
        var conversation = await FindAsync(context, owner, id, cancellationToken);
        var messages = await context.Messages.AsNoTracking().Where(row => row.ConversationId == id)
            .OrderBy(row => row.CreatedAt).ToListAsync(cancellationToken);
        return (conversation, messages);
    }

    /// <summary>Changes the title, the shown branch, or both; null leaves a thing as it is.</summary>
    public async Task<Conversation> ChangeAsync(Owner owner, Guid id, string? title, Guid? activeLeaf, CancellationToken cancellationToken)
    {
        await using var context = await contexts.CreateDbContextAsync(cancellationToken);
        var conversation = await FindAsync(context, owner, id, cancellationToken);
        if (title is not null)
        {
            conversation.Title = Cut(title);
        }

        if (activeLeaf is { } leaf)
        {
            if (!await context.Messages.AnyAsync(row => row.Id == leaf && row.ConversationId == id, cancellationToken))
            {
                throw ParleyException.InvalidRequest($"The message '{leaf}' is not in this conversation.", "active_leaf_id");
            }

            conversation.ActiveLeafId = leaf;
        }

        await context.SaveAsync(id, cancellationToken);
        return conversation;
    }

    /// <param name="rating">up, down, or null to take a rating back.</param>
    public async Task RateAsync(Owner owner, Guid conversationId, Guid messageId, string? rating, CancellationToken cancellationToken)
    {
        if (rating is not (null or "up" or "down"))
        {
            throw ParleyException.InvalidRequest($"A rating is 'up', 'down' or null, not '{rating}'.", "rating");
        }

        await using var context = await contexts.CreateDbContextAsync(cancellationToken);
        await FindAsync(context, owner, conversationId, cancellationToken);
        var message = await context.Messages.SingleOrDefaultAsync(row => row.Id == messageId && row.ConversationId == conversationId, cancellationToken)
            ?? throw ParleyException.NotFound($"There is no message '{messageId}' in this conversation.");
        message.Feedback = rating;
        context.Add(ChatEvents.MessageRated(owner, time.UtcMicroseconds(), conversationId, messageId, message.GenerationId, rating));
        await context.SaveAsync(conversationId, cancellationToken);
    }

    internal static async Task<Conversation> FindAsync(ChatDbContext context, Owner owner, Guid id, CancellationToken cancellationToken) =>
        await Owned(context, owner).SingleOrDefaultAsync(row => row.Id == id, cancellationToken)
        ?? throw ConversationWrites.Missing(id);

    /// <summary>One line of at most so many UTF-16 units, no character split.</summary>
    internal static string Cut(string title, int length = Conversation.MaxTitleLength)
    {
        var line = title.ReplaceLineEndings(" ").Trim();
        return line.Length <= length ? line : line[..(char.IsHighSurrogate(line[length - 1]) ? length - 1 : length)];
    }

    private static IQueryable<Conversation> Owned(ChatDbContext context, Owner owner) =>
        context.Conversations.Where(row => row.ProjectId == owner.ProjectId && row.UserId == owner.UserId);
}

/// <summary>One page of a list, and whether more follow.</summary>
public sealed record ConversationPage(IReadOnlyList<Conversation> Conversations, bool HasMore);
