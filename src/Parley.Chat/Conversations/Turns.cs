using System.Collections.Concurrent;
using Microsoft.EntityFrameworkCore;
using Parley.Chat.Generations;
using Parley.Protocol;
using Parley.Protocol.Errors;
using Parley.Protocol.Generation;

namespace Parley.Chat.Conversations;

/// <summary>
/// What a person does next in a conversation: send, edit (a send beside an older message), regenerate, continue. Each writes its rows
/// in one transaction before a model is asked, so that no word is lost whatever happens after.
/// </summary>
public sealed class Turns(IDbContextFactory<ChatDbContext> contexts, GenerationRunner runner, IReplica replica, TimeProvider time)
{
    /// <summary>Generations that a call is about to continue.</summary>
    private readonly ConcurrentDictionary<Guid, bool> _continuing = new();

    /// <summary>Adds the person's message under <paramref name="parentId"/> and starts the answer to it.</summary>
    public async Task<StartedTurn> SendAsync(
        Owner owner, Guid conversationId, Guid? parentId, string content, TurnSettings settings, CancellationToken cancellationToken)
    {
        if (string.IsNullOrWhiteSpace(content))
        {
            throw ParleyException.InvalidRequest("The message is empty; write something first.", "content");
        }

        await using var context = await contexts.CreateDbContextAsync(cancellationToken);
        var conversation = await ConversationStore.FindAsync(context, owner, conversationId, cancellationToken);
        var tree = await MessageTree.LoadAsync(context, conversationId, cancellationToken);
        if (parentId is { } parent)
        {
            tree.Require(parent, "parent_id");
        }

        var now = time.UtcMicroseconds();
        var user = new ConversationMessage
        {
            ConversationId = conversationId,
            ParentId = parentId,
            ProjectId = owner.ProjectId,
            UserId = owner.UserId,
            Author = MessageAuthor.User,
            Content = content,
            Status = MessageStatus.Completed,
            CreatedAt = now,
        };
        context.Add(user);
        context.Add(ChatEvents.MessageSent(owner, now, conversationId, user.Id, edited: tree.HasChildren(parentId)));
        if (conversation.Title.Length == 0)
        {
            conversation.Title = TitleFrom(content);
        }

        var history = tree.PathTo(parentId).Append(user);
        return await StartAsync(context, owner, conversation, history, user, "requested", settings, cancellationToken);
    }

    /// <summary>Starts another answer beside <paramref name="messageId"/>.</summary>
    public async Task<StartedTurn> RegenerateAsync(
        Owner owner, Guid conversationId, Guid messageId, TurnSettings settings, CancellationToken cancellationToken)
    {
        await using var context = await contexts.CreateDbContextAsync(cancellationToken);
        var conversation = await ConversationStore.FindAsync(context, owner, conversationId, cancellationToken);
        var tree = await MessageTree.LoadAsync(context, conversationId, cancellationToken);
        var old = tree.Require(messageId, "message_id");
        if (old.Author != MessageAuthor.Assistant || old.ParentId is not { } question)
        {
            throw ParleyException.InvalidRequest("Only an answer can be regenerated; name an assistant's message.", "message_id");
        }

        return await StartAsync(context, owner, conversation, tree.PathTo(question), null, "regenerated", settings, cancellationToken);
    }

    /// <summary>Goes on with an answer that was cancelled, interrupted or cut at its length, from its last token and with its seed.</summary>
    public async Task<StartedTurn> ContinueAsync(Owner owner, Guid generationId, CancellationToken cancellationToken)
    {
        // Two tabs may ask at once: for the second the answer is being written already.
        if (!_continuing.TryAdd(generationId, true))
        {
            throw NothingToContinue();
        }

        try
        {
            return await ContinueAloneAsync(owner, generationId, cancellationToken);
        }
        finally
        {
            _continuing.TryRemove(generationId, out _);
        }
    }

    private async Task<StartedTurn> ContinueAloneAsync(Owner owner, Guid generationId, CancellationToken cancellationToken)
    {
        await using var context = await contexts.CreateDbContextAsync(cancellationToken);
        var missing = ParleyException.NotFound($"There is no generation '{generationId}' here.");
        var last = await context.Generations.SingleOrDefaultAsync(
                row => row.Id == generationId && row.ProjectId == owner.ProjectId && row.UserId == owner.UserId, cancellationToken) ?? throw missing;
        var message = await context.Messages.SingleOrDefaultAsync(row => row.Id == last.MessageId, cancellationToken) ?? throw missing;
        if (message.GenerationId != generationId || !MayContinue(message))
        {
            throw NothingToContinue();
        }

        var tree = await MessageTree.LoadAsync(context, message.ConversationId, cancellationToken);
        if (!tree.Has(message.Id))
        {
            throw missing; // deleted since the message was read
        }

        var earlier = await context.Generations.Where(row => row.MessageId == message.Id)
            .OrderBy(row => row.Ordinal).Select(row => row.Id).ToListAsync(cancellationToken);
        var tokens = await runner.TokensAsync(earlier, cancellationToken);
        var next = new GenerationRow
        {
            Id = Guid.CreateVersion7(),
            MessageId = message.Id,
            ProjectId = owner.ProjectId,
            UserId = owner.UserId,
            Ordinal = last.Ordinal + 1,
            Offset = message.Content.Length,
            ReasoningOffset = message.Reasoning?.Length ?? 0,
            Model = last.Model,
            Seed = last.Seed,
            Temperature = last.Temperature,
            TopP = last.TopP,
            // The limit counts all tokens of the answer: one cut at its limit gets as many again, a broken one what it had left.
            MaxOutputTokens = message.FinishReason == "length" ? tokens.Count + last.MaxOutputTokens : last.MaxOutputTokens,
            CreatedAt = time.UtcMicroseconds(),
        };
        message.GenerationId = next.Id;
        message.Status = MessageStatus.Streaming;
        message.FinishReason = null;
        context.Add(next);
        context.Add(ChatEvents.AnswerRequested(owner, next.CreatedAt, message.ConversationId, message.Id, next.Id, "continued"));
        var request = Request(owner, next, tree.PathTo(message.ParentId)) with
        {
            ResumeFrom = tokens,
            ResumeTextLength = message.Content.Length,
            ResumeReasoningLength = next.ReasoningOffset,
            MaxOutputTokens = next.MaxOutputTokens,
        };
        await context.SaveAsync(message.ConversationId, cancellationToken);
        runner.Start(request, message);
        return new StartedTurn(null, message, next.Id);
    }

    private static ParleyException NothingToContinue() =>
        ParleyException.InvalidRequest("This answer is complete or still being written; only a cut-off answer can be continued.");

    private static bool MayContinue(ConversationMessage message) =>
        message.Status is MessageStatus.Cancelled or MessageStatus.Interrupted || message is { Status: MessageStatus.Completed, FinishReason: "length" };

    private async Task<StartedTurn> StartAsync(
        ChatDbContext context,
        Owner owner,
        Conversation conversation,
        IEnumerable<ConversationMessage> history,
        ConversationMessage? user,
        string how,
        TurnSettings settings,
        CancellationToken cancellationToken)
    {
        var path = history.ToList();
        var model = settings.Model ?? conversation.Model;
        _ = Describe(model);
        var now = time.UtcMicroseconds();
        var answer = new ConversationMessage
        {
            ConversationId = conversation.Id,
            ParentId = path[^1].Id,
            ProjectId = owner.ProjectId,
            UserId = owner.UserId,
            Author = MessageAuthor.Assistant,
            Content = "",
            GenerationId = Guid.CreateVersion7(),
            Status = MessageStatus.Streaming,
            Model = model,
            CreatedAt = now + 1, // after its question, also within one microsecond
        };
        var run = new GenerationRow
        {
            Id = answer.GenerationId.Value,
            MessageId = answer.Id,
            ProjectId = owner.ProjectId,
            UserId = owner.UserId,
            Ordinal = 0,
            Offset = 0,
            Model = model,
            Seed = unchecked((long)(settings.Seed ?? SamplingParams.DrawSeed())),
            Temperature = settings.Temperature ?? TurnSettings.DefaultTemperature,
            TopP = settings.TopP ?? TurnSettings.DefaultTopP,
            MaxOutputTokens = settings.MaxTokens,
            CreatedAt = now,
        };
        conversation.ActiveLeafId = answer.Id;
        conversation.Model = model;
        conversation.UpdatedAt = now;
        context.AddRange(answer, run);
        context.Add(ChatEvents.AnswerRequested(owner, now, conversation.Id, answer.Id, run.Id, how));
        await context.SaveAsync(conversation.Id, cancellationToken);
        runner.Start(Request(owner, run, path), answer);
        return new StartedTurn(user, answer, run.Id);
    }

    private ModelDescription Describe(string model) =>
        replica.Models.FirstOrDefault(description => description.Id == model)
        ?? throw ParleyException.UnknownModel(model, replica.Models.Select(description => description.Id));

    private GenerationRequest Request(Owner owner, GenerationRow run, IEnumerable<ConversationMessage> path)
    {
        var messages = path
            .Where(message => message.Author == MessageAuthor.User || message.Content.Length > 0)
            .Select(message => new Message(message.Author == MessageAuthor.User ? MessageRole.User : MessageRole.Assistant, message.Content) { Reasoning = message.Reasoning });
        return new GenerationRequest
        {
            Id = run.Id,
            ProjectId = owner.ProjectId,
            UserId = owner.UserId,
            Model = run.Model,
            Input = new GenerationInput.Chat(ContextWindow.Fit([.. messages], Describe(run.Model).ContextLength)),
            Sampling = new SamplingParams { Temperature = run.Temperature, TopP = run.TopP, Seed = unchecked((ulong)run.Seed) },
            MaxOutputTokens = run.MaxOutputTokens,
        };
    }

    private static string TitleFrom(string content)
    {
        const int length = 60;
        var line = ConversationStore.Cut(content);
        return line.Length <= length ? line : ConversationStore.Cut(line, length).TrimEnd() + "…";
    }
}

/// <summary>What a person may set for one answer; null takes the default.</summary>
public sealed record TurnSettings(string? Model = null, float? Temperature = null, float? TopP = null, int? MaxTokens = null, ulong? Seed = null)
{
    /// <summary>Lively but on topic, for small models too.</summary>
    public const float DefaultTemperature = 0.6f;

    public const float DefaultTopP = 0.9f;
}

/// <summary>The rows a turn began with. <paramref name="UserMessage"/> is null where no new message was sent.</summary>
public sealed record StartedTurn(ConversationMessage? UserMessage, ConversationMessage AssistantMessage, Guid GenerationId);
