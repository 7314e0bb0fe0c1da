using Microsoft.EntityFrameworkCore;
using Parley.Chat.Conversations;
using Parley.Protocol;
using Parley.Protocol.Errors;
using Parley.Protocol.Generation;
using Parley.Protocol.Logs;

namespace Parley.Chat.Generations;

/// <summary>
/// Runs once at start, before anyone may ask: every message that the last server left in mid-answer is settled from its log. An answer whose
/// log has no end gets one (Failed, code interrupted), keeps every committed character, and can be continued.
/// </summary>
public sealed class InterruptedAnswers(IDbContextFactory<ChatDbContext> contexts, IGenerationLog log, TimeProvider time)
{
    /// <summary>Returns how many messages were settled.</summary>
    public async Task<int> SettleAsync(CancellationToken cancellationToken)
    {
        await using var context = await contexts.CreateDbContextAsync(cancellationToken);
        var messages = await context.Messages.Where(row => row.Status == MessageStatus.Streaming).ToListAsync(cancellationToken);
        foreach (var message in messages)
        {
            await SettleAsync(context, message, cancellationToken);
            await context.SaveChangesAsync(cancellationToken);
        }

        return messages.Count;
    }

    private async Task SettleAsync(ChatDbContext context, ConversationMessage message, CancellationToken cancellationToken)
    {
        var generation = message.GenerationId!.Value;
        var answer = new AnswerText(message.Content, message.Reasoning);
        foreach (var entry in await log.ReadAsync(generation, after: 0, cancellationToken))
        {
            answer.Add(entry);
        }

        if (!answer.HasEnded)
        {
            var interrupted = Interruption(generation, answer);
            await log.AppendAsync([interrupted], cancellationToken);
            answer.Add(interrupted);
        }

        answer.ApplyTo(message);
        var owner = new Owner(message.ProjectId, message.UserId);
        context.Add(ChatEvents.AnswerEnded(
            owner, time.UtcMicroseconds(), message.ConversationId, message.Id, generation, message.Status.ToString().ToLowerInvariant()));
    }

    private static GenerationEvent Interruption(Guid generation, AnswerText answer) => new()
    {
        Generation = generation,
        Sequence = answer.LastSequence + 1,
        Kind = GenerationEventKind.Failed,
        Usage = answer.Usage,
        Error = new ParleyError(
            "The server stopped in the middle of this answer; Continue goes on where it broke off.", "server_error", null, AnswerText.InterruptedCode),
    };
}
