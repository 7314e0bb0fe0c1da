using Parley.Protocol.Generation;

namespace Parley.Chat.Conversations;

/// <summary>
/// Which turns of a long conversation a model is shown. Chat counts characters, never tokens: an estimate decides here, and the replica's
/// exact count has the last word (see <see cref="DropOldest"/>).
/// </summary>
public static class ContextWindow
{
    /// <summary>A cautious estimate for English in a small vocabulary; larger vocabularies need fewer tokens.</summary>
    private const double CharactersPerToken = 2.5;

    /// <summary>Role, markers and line ends of one rendered turn.</summary>
    private const int TokensPerTurn = 8;

    /// <summary>Drops the oldest turns until the estimate leaves a quarter of the context for the answer. The last turn always stays.</summary>
    public static IReadOnlyList<Message> Fit(IReadOnlyList<Message> messages, int contextLength)
    {
        var room = contextLength - (contextLength / 4);
        var kept = messages;
        while (Estimate(kept) > room && DropOldest(kept) is { } fewer && fewer.Count < kept.Count)
        {
            kept = fewer;
        }

        return kept;
    }

    /// <summary>Without the oldest turn, and without an answer that would then open the conversation. A system message stays in front.</summary>
    public static IReadOnlyList<Message> DropOldest(IReadOnlyList<Message> messages)
    {
        var system = messages.TakeWhile(message => message.Role == MessageRole.System).ToList();
        var rest = messages.Skip(system.Count + 1).SkipWhile(message => message.Role == MessageRole.Assistant).ToList();
        return rest.Count == 0 ? [.. system, messages[^1]] : [.. system, .. rest];
    }

    private static double Estimate(IEnumerable<Message> messages) =>
        messages.Sum(message => TokensPerTurn + (message.PlainText.Length / CharactersPerToken));
}
