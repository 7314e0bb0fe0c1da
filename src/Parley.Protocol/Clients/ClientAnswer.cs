using System.Text;
using System.Text.Json;
using Microsoft.Extensions.AI;
using Parley.Protocol.Errors;
using Parley.Protocol.Generation;

namespace Parley.Protocol.Clients;

/// <summary>A replica's events as contents. Pieces of a call wait for the last one. One instance per answer.</summary>
internal sealed class ClientAnswer(bool showsThoughts)
{
    private readonly StringBuilder _arguments = new();
    private ToolCallDelta? _call;

    /// <exception cref="ParleyException">The answer failed.</exception>
    public IList<AIContent> Read(GenerationEvent entry)
    {
        var contents = new List<AIContent>();
        if (entry.Kind == GenerationEventKind.Failed)
        {
            throw new ParleyException(500, entry.Error ?? new ParleyError("The answer could not be finished.", "server_error"));
        }

        if (showsThoughts && entry.Reasoning is { Length: > 0 } thoughts)
        {
            contents.Add(new TextReasoningContent(thoughts));
        }

        if (entry.Text.Length > 0)
        {
            contents.Add(new TextContent(entry.Text));
        }

        foreach (var piece in entry.ToolCalls ?? [])
        {
            if (piece.Id is not null)
            {
                EndCall(contents);
                _call = piece;
            }

            _arguments.Append(piece.Arguments);
        }

        if (entry.Kind == GenerationEventKind.Finished)
        {
            EndCall(contents);
        }

        if (entry is { Kind: GenerationEventKind.Completed, Usage: { } usage })
        {
            contents.Add(new UsageContent(Details(usage)));
        }

        return contents;
    }

    public static ChatFinishReason? Reason(GenerationEvent entry) => entry.FinishReason switch
    {
        null => null,
        FinishReason.Length => ChatFinishReason.Length,
        FinishReason.ToolCalls => ChatFinishReason.ToolCalls,
        _ => ChatFinishReason.Stop,
    };

    // Arguments that were cut are no JSON: the content then says so, and nobody calls.
    private void EndCall(List<AIContent> contents)
    {
        if (_call is { } call)
        {
            contents.Add(FunctionCallContent.CreateFromParsedArguments(_arguments.ToString(), call.Id!, call.Name!, Arguments));
        }

        _call = null;
        _arguments.Clear();
    }

    private static Dictionary<string, object?> Arguments(string json)
    {
        using var document = JsonDocument.Parse(json.Length == 0 ? "{}" : json);
        return document.RootElement.EnumerateObject()
            .GroupBy(member => member.Name, StringComparer.Ordinal).ToDictionary(same => same.Key, same => (object?)same.Last().Value.Clone(), StringComparer.Ordinal);
    }

    private static UsageDetails Details(Usage usage) => new()
    {
        InputTokenCount = usage.PromptTokens,
        OutputTokenCount = usage.OutputTokens,
        TotalTokenCount = usage.TotalTokens,
        CachedInputTokenCount = usage.CachedTokens,
        ReasoningTokenCount = usage.ReasoningTokens,
    };
}
