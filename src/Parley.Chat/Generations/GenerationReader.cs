using System.Runtime.CompilerServices;
using Microsoft.EntityFrameworkCore;
using Parley.Chat.Conversations;
using Parley.Protocol.Errors;
using Parley.Protocol.Logs;

namespace Parley.Chat.Generations;

/// <summary>
/// Reads answers as they are written. A reader names the last sequence number it has, from any tab, device or time, and gets what follows,
/// each piece with its place in the answer: nothing is lost, and a piece received twice lands on itself.
/// </summary>
public sealed class GenerationReader(IDbContextFactory<ChatDbContext> contexts, IGenerationLog log)
{
    /// <exception cref="ParleyException">404: no such generation of this owner.</exception>
    public async Task<GenerationRow> FindAsync(Owner owner, Guid id, CancellationToken cancellationToken)
    {
        await using var context = await contexts.CreateDbContextAsync(cancellationToken);
        return await context.Generations.AsNoTracking().SingleOrDefaultAsync(
                row => row.Id == id && row.ProjectId == owner.ProjectId && row.UserId == owner.UserId, cancellationToken)
            ?? throw ParleyException.NotFound($"There is no generation '{id}' here.");
    }

    /// <summary>The pieces after <paramref name="after"/>, then live ones, ending with a piece whose status is not streaming.</summary>
    public async IAsyncEnumerable<AnswerPiece> FollowAsync(
        GenerationRow generation, long after, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        // Read from the first event, whatever the reader has: the place of a piece is the length of all before it.
        var (offset, thought) = (generation.Offset, generation.ReasoningOffset);
        var answer = new AnswerText("");
        await foreach (var entry in log.FollowAsync(generation.Id, after: 0, cancellationToken))
        {
            answer.Add(entry);
            var reasoning = entry.Reasoning ?? "";
            var piece = new AnswerPiece(entry.Sequence, offset, entry.Text, answer.Status, answer) { ReasoningOffset = thought, Reasoning = reasoning };
            (offset, thought) = (offset + entry.Text.Length, thought + reasoning.Length);
            if (entry.Sequence > after && (entry.Text.Length > 0 || reasoning.Length > 0 || answer.HasEnded))
            {
                yield return piece;
            }
        }
    }

    /// <summary>Brings messages that are still being written up to what their logs hold.</summary>
    public async Task FillAsync(IEnumerable<ConversationMessage> messages, CancellationToken cancellationToken)
    {
        foreach (var message in messages.Where(message => message is { Status: MessageStatus.Streaming, GenerationId: not null }))
        {
            var answer = new AnswerText(message.Content, message.Reasoning);
            foreach (var entry in await log.ReadAsync(message.GenerationId!.Value, after: 0, cancellationToken))
            {
                answer.Add(entry);
            }

            answer.ApplyTo(message);
        }
    }
}

/// <summary>A piece of an answer. <paramref name="Offset"/> is its place in UTF-16 units; <paramref name="Answer"/> is what all pieces so far amount to.</summary>
public sealed record AnswerPiece(long Sequence, int Offset, string Text, MessageStatus Status, AnswerText Answer)
{
    /// <summary>What the piece adds to the thoughts.</summary>
    public string Reasoning { get; init; } = "";

    /// <summary>Its place in all thoughts, in UTF-16 units.</summary>
    public int ReasoningOffset { get; init; }
}
