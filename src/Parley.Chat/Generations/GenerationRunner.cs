using System.Collections.Concurrent;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging;
using Parley.Chat.Conversations;
using Parley.Protocol;
using Parley.Protocol.Errors;
using Parley.Protocol.Generation;
using Parley.Protocol.Logs;

namespace Parley.Chat.Generations;

/// <summary>
/// Runs answers in the background: asks the replica, appends every event to the generation log, and settles the message when it
/// ends. A run belongs to the server, not to a tab: readers come and go, and only Stop or the server's end cuts it short.
/// </summary>
public sealed partial class GenerationRunner(
    IReplica replica, IGenerationLog log, IDbContextFactory<ChatDbContext> contexts, TimeProvider time, ILogger<GenerationRunner> logger) : IAsyncDisposable
{
    private readonly ConcurrentDictionary<Guid, Run> _runs = new();
    private volatile bool _ending;

    /// <summary>Begins a run whose rows are already committed.</summary>
    /// <param name="request">Says also how much of the message earlier runs wrote.</param>
    /// <param name="message">The answer.</param>
    public void Start(GenerationRequest request, ConversationMessage message)
    {
        var run = new Run(new Owner(request.ProjectId, request.UserId), message.ConversationId, message.Id, new CancellationTokenSource())
        {
            Before = message.Content[..request.ResumeTextLength],
            ThoughtBefore = message.Reasoning?[..request.ResumeReasoningLength],
        };
        _runs[request.Id] = run;
        run.Task = Task.Run(() => RunAsync(request, run), CancellationToken.None);
    }

    /// <summary>Ends a run early; what was produced stays. Returns whether it was running.</summary>
    public bool Stop(Guid generationId)
    {
        if (!_runs.TryGetValue(generationId, out var run))
        {
            return false;
        }

        run.Cancellation.Cancel();
        return true;
    }

    /// <summary>Completes when the run has ended and its message is settled; at once if it is not running.</summary>
    public Task WhenEnded(Guid generationId) => _runs.TryGetValue(generationId, out var run) ? run.Task : Task.CompletedTask;

    /// <summary>Every token these generations produced, in order: where a continued answer resumes.</summary>
    public async Task<IReadOnlyList<int>> TokensAsync(IEnumerable<Guid> generations, CancellationToken cancellationToken)
    {
        var tokens = new List<int>();
        foreach (var generation in generations)
        {
            var events = await log.ReadAsync(generation, after: 0, cancellationToken);
            tokens.AddRange(events.SelectMany(entry => entry.TokenIds));
        }

        return tokens;
    }

    /// <summary>Ends all runs; their messages are marked interrupted and can be continued.</summary>
    public async ValueTask DisposeAsync()
    {
        _ending = true;
        foreach (var run in _runs.Values)
        {
            await run.Cancellation.CancelAsync();
        }

        await Task.WhenAll(_runs.Values.Select(run => run.Task));
    }

    private async Task RunAsync(GenerationRequest request, Run run)
    {
        var answer = new AnswerText(run.Before, run.ThoughtBefore);
        var appends = new PendingAppends(log);
        try
        {
            await foreach (var entry in Answer(request, run.Cancellation.Token))
            {
                answer.Add(entry);
                await appends.AddAsync(entry);
            }

            await appends.FlushAsync();
        }
        catch (Exception exception)
        {
            await FailAsync(request.Id, answer, exception);
        }

        try
        {
            await SettleAsync(request.Id, run, answer);
        }
        catch (Exception exception)
        {
            // The log holds the answer; the next start settles the message from it.
            LogNotSettled(request.Id, exception);
        }

        // Its cancellation is not disposed of: a Stop that found the run a moment ago may cancel it yet, and without timer or link it holds nothing.
        _runs.TryRemove(request.Id, out _);
    }

    /// <summary>Asks the replica; while the conversation turns out too long for the context, its oldest turn is left out and the replica asked again.</summary>
    private async IAsyncEnumerable<GenerationEvent> Answer(
        GenerationRequest request, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken)
    {
        while (true)
        {
            var events = replica.Generate(request, cancellationToken).GetAsyncEnumerator(CancellationToken.None);
            await using var _ = events;
            GenerationRequest? shorter = null;
            var more = false;
            try
            {
                more = await events.MoveNextAsync();
            }
            catch (ParleyException exception) when (exception.Error.Code == "context_length_exceeded" && (shorter = Shorten(request, exception)) is not null)
            {
            }

            if (shorter is not null)
            {
                request = shorter;
                continue;
            }

            for (; more; more = await events.MoveNextAsync())
            {
                yield return events.Current;
            }

            yield break;
        }
    }

    // Where only the answer's limit does not fit, the end of the context is the nearer limit.
    private static GenerationRequest? Shorten(GenerationRequest request, ParleyException refusal)
    {
        if (refusal.Error.Param == "max_tokens")
        {
            return request with { MaxOutputTokens = null };
        }

        var messages = ((GenerationInput.Chat)request.Input).Messages;
        var kept = ContextWindow.DropOldest(messages);
        return kept.Count < messages.Count ? request with { Input = new GenerationInput.Chat(kept) } : null;
    }

    private async Task FailAsync(Guid generation, AnswerText answer, Exception exception)
    {
        LogFailed(generation, exception);
        var error = exception is ParleyException known
            ? known.Error
            : new ParleyError("The answer could not be finished because of a fault in the server; its log says more.", "server_error", null, "internal_error");
        var failed = new GenerationEvent
        {
            Generation = generation,
            Sequence = answer.LastSequence + 1,
            Kind = GenerationEventKind.Failed,
            Error = error,
            Usage = answer.Usage,
        };
        answer.Add(failed);
        try
        {
            await log.AppendAsync([failed], CancellationToken.None);
        }
        catch (Exception second)
        {
            LogNotSettled(generation, second);
        }
    }

    private async Task SettleAsync(Guid generation, Run run, AnswerText answer)
    {
        // Settling belongs to every end of a run, a cancelled one too.
        var settling = CancellationToken.None;
        await using var context = await contexts.CreateDbContextAsync(settling);
        var message = await context.Messages.SingleOrDefaultAsync(row => row.Id == run.MessageId, settling);
        if (message is null)
        {
            // Deleted while it was being answered: what was logged since then goes too.
            await log.DeleteAsync(generation, settling);
            return;
        }

        answer.ApplyTo(message);
        if (_ending && message.Status == MessageStatus.Cancelled)
        {
            message.Status = MessageStatus.Interrupted;
        }

        context.Add(ChatEvents.AnswerEnded(
            run.Owner, time.UtcMicroseconds(), run.ConversationId, run.MessageId, generation, message.Status.ToString().ToLowerInvariant()));
        await context.SaveChangesAsync(settling);
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "Generation {Generation} failed.")]
    private partial void LogFailed(Guid generation, Exception exception);

    [LoggerMessage(Level = LogLevel.Error, Message = "Generation {Generation} could not be settled; the next start will settle it from its log.")]
    private partial void LogNotSettled(Guid generation, Exception exception);

    private sealed record Run(Owner Owner, Guid ConversationId, Guid MessageId, CancellationTokenSource Cancellation)
    {
        public required string Before { get; init; }

        public required string? ThoughtBefore { get; init; }

        public Task Task { get; set; } = Task.CompletedTask;
    }
}
