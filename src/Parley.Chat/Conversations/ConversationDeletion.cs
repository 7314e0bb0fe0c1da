using Microsoft.EntityFrameworkCore;
using Parley.Chat.Generations;
using Parley.Protocol;
using Parley.Protocol.Errors;
using Parley.Protocol.Logs;

namespace Parley.Chat.Conversations;

/// <summary>
/// Forgets a conversation: its running answers are ended, its rows removed, and the logs of its generations, which hold the same words, with
/// them. The ledger keeps its numbers; events keep their ids.
/// </summary>
public sealed class ConversationDeletion(
    IDbContextFactory<ChatDbContext> contexts, GenerationRunner runner, IGenerationLog log, TimeProvider time)
{
    /// <exception cref="ParleyException">404: no such conversation of this owner.</exception>
    public async Task DeleteAsync(Owner owner, Guid id, CancellationToken cancellationToken)
    {
        await using var context = await contexts.CreateDbContextAsync(cancellationToken);
        var conversation = await ConversationStore.FindAsync(context, owner, id, cancellationToken);
        var generations = await (
            from generation in context.Generations
            join message in context.Messages on generation.MessageId equals message.Id
            where message.ConversationId == id
            select generation.Id).ToListAsync(cancellationToken);
        foreach (var generation in generations.Where(runner.Stop))
        {
            await runner.WhenEnded(generation);
        }

        context.Remove(conversation);
        context.Add(ChatEvents.ConversationDeleted(owner, time.UtcMicroseconds(), id));
        await context.SaveAsync(id, cancellationToken);
        foreach (var generation in generations)
        {
            await log.DeleteAsync(generation, cancellationToken);
        }
    }
}
