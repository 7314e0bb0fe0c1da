using Parley.Protocol.Errors;
using Parley.Protocol.Generation;
using Parley.Text;
using Parley.Text.Jinja;

namespace Parley.Inference;

/// <summary>
/// A request's input as the token ids that the model reads: messages through the chat template with an opened answer, text through the
/// tokenizer, ids as they are.
/// </summary>
internal sealed class PromptRenderer(LoadedModel model, int contextLength)
{
    /// <summary>At least one id, with room for at least one more.</summary>
    /// <exception cref="ParleyException">400: no messages, an id outside the vocabulary, no chat template or one that refuses, or longer than the context.</exception>
    public RenderedPrompt Render(GenerationRequest request, CancellationToken cancellationToken)
    {
        var prompt = RenderAnyLength(request, cancellationToken);
        return prompt.Ids.Length < contextLength
            ? prompt
            : throw ParleyException.ContextLengthExceeded(prompt.Ids.Length, contextLength, request.Input is GenerationInput.Chat ? "messages" : "prompt");
    }

    /// <summary>As above, but as long as it is.</summary>
    public RenderedPrompt RenderAnyLength(GenerationRequest request, CancellationToken cancellationToken) => request.Input switch
    {
        GenerationInput.Chat chat => RenderChat(chat.Messages, request, cancellationToken),
        GenerationInput.Text text => RenderText(text.Value),
        GenerationInput.Tokens tokens => RenderIds(tokens.Ids),
        var other => throw ParleyException.InvalidRequest($"Input of the kind {other.GetType().Name} is not supported; send messages or text.", "messages"),
    };

    private RenderedPrompt RenderChat(IReadOnlyList<Message> messages, GenerationRequest request, CancellationToken cancellationToken)
    {
        if (messages.Count == 0)
        {
            throw ParleyException.InvalidRequest("The conversation is empty; send at least one message.", "messages");
        }

        if (model.Template is not { } template)
        {
            throw ParleyException.InvalidRequest($"The model '{model.Id}' cannot chat: {model.TemplateFault}; use /v1/completions.", "model");
        }

        try
        {
            var context = ConversationContext.Of(messages, request, model.Format.Calls);
            var ids = WithPrefix(template.Render(context, cancellationToken).Tokens);
            var ending = model.Format.HasReasoning ? Ending(ids) : "";
            return Opened(new(ids) { IsThinking = model.Format.IsThinkingAfter(ending), HasThought = model.Format.HasThoughtAfter(ending) }, request);
        }
        catch (JinjaException error)
        {
            throw ParleyException.InvalidRequest(
                error.IsRaised
                    ? $"The chat template of '{model.Id}' refuses these messages: {error.Reason}"
                    : $"The chat template of '{model.Id}' fails on these messages: {error.Message}",
                "messages");
        }
    }

    // An answer of a given form begins with it: thoughts that the template opened are closed, and where the mark of a call is a control token, which is no text, it
    // is written here.
    private RenderedPrompt Opened(RenderedPrompt prompt, GenerationRequest request)
    {
        var calls = model.Format.Calls;
        if (!AnswerGrammar.ShutsThoughts(request))
        {
            return prompt;
        }

        int[] closing = prompt.IsThinking ? model.Tokenizer.Encode("\n</think>\n\n", new EncodeOptions { ParseSpecial = true }) : [];
        var opens = calls.IsArray && request.Tools is { Choice: ToolChoice.Required } && model.Tokenizer.Special.TryGet(calls.Open!, out _);
        int[] opening = opens ? model.Tokenizer.Encode(calls.Open!, new EncodeOptions { ParseSpecial = true }) : [];
        return prompt with { Ids = [.. prompt.Ids, .. closing, .. opening], IsThinking = false, MayThink = false, IsCalling = opens };
    }

    // Only what the template writes at the very end can have opened the thoughts; a mark that a person typed stands before the header's control token.
    private string Ending(int[] ids)
    {
        var special = model.Tokenizer.Special;
        var start = Array.FindLastIndex(ids, id => special.TextOf(id) is { } name && !name.EndsWith("think>", StringComparison.Ordinal));
        return model.Tokenizer.Describe(ids.AsSpan(start + 1));
    }

    // Most templates print the token that begins a document themselves; it stands there once.
    private int[] WithPrefix(int[] ids) => ids.AsSpan().StartsWith([.. model.Prefix]) ? ids : [.. model.Prefix, .. ids];

    // An empty text goes on from the token that stands before every document.
    private RenderedPrompt RenderText(string text)
    {
        int[] ids = [.. model.Prefix, .. model.Tokenizer.Encode(text)];
        if (ids.Length > 0)
        {
            return new(ids) { Text = text, FirstOwn = model.Prefix.Count };
        }

        return model.DocumentStart is { } start
            ? new([start]) { FirstOwn = 1 }
            : throw ParleyException.InvalidRequest("The prompt is empty and the model has no token to begin with; send some text.", "prompt");
    }

    private RenderedPrompt RenderIds(IReadOnlyList<int> ids)
    {
        if (ids.Count == 0)
        {
            throw ParleyException.InvalidRequest("The prompt has no token; send at least one.", "prompt");
        }

        RequestRules.CheckIds(ids, "prompt", model);
        return new([.. ids]) { Text = model.Tokenizer.DecodeText([.. ids]) };
    }
}
