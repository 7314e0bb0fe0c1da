using Microsoft.EntityFrameworkCore;
using Parley.Protocol.Errors;

namespace Parley.Chat.Conversations;

/// <summary>Writes rows of a conversation that another call may have deleted since they were read.</summary>
internal static class ConversationWrites
{
    /// <exception cref="ParleyException">404: the conversation is gone by now.</exception>
    public static async Task SaveAsync(this ChatDbContext context, Guid conversation, CancellationToken cancellationToken)
    {
        try
        {
            await context.SaveChangesAsync(cancellationToken);
        }
        catch (DbUpdateException)
        {
            // Each provider names a missing parent row in its own way; whether it is missing can be asked of all.
            if (!await context.Conversations.AnyAsync(row => row.Id == conversation, cancellationToken))
            {
                throw Missing(conversation);
            }

            throw;
        }
    }

    public static ParleyException Missing(Guid conversation) => ParleyException.NotFound($"There is no conversation '{conversation}' here; it may have been deleted.");
}
