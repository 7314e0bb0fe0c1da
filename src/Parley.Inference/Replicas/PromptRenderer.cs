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
    public int[] Render(GenerationInput input, CancellationToken cancellationToken)
    {
        var (ids, param) = input switch
        {
            GenerationInput.Chat chat => (RenderChat(chat.Messages, cancellationToken), "messages"),
            GenerationInput.Text text => (RenderText(text.Value), "prompt"),
            GenerationInput.Tokens tokens => (RenderIds(tokens.Ids), "prompt"),
            _ => throw ParleyException.InvalidRequest($"Input of the kind {input.GetType().Name} is not supported; send messages or text.", "messages"),
        };
        return ids.Length < contextLength ? ids : throw ParleyException.ContextLengthExceeded(ids.Length, contextLength, param);
    }

    private int[] RenderChat(IReadOnlyList<Message> messages, CancellationToken cancellationToken)
    {
        if (messages.Count == 0)
        {
            throw ParleyException.InvalidRequest("The conversation is empty; send at least one message.", "messages");
        }

        if (model.Template is not { } template)
        {
            throw ParleyException.InvalidRequest($"The model '{model.Id}' cannot chat: {model.TemplateFault}; use /v1/completions.", "model");
        }

        var context = new ChatContext
        {
            Messages = [.. messages.Select(message => new ChatTemplateMessage(RoleName(message.Role), message.PlainText) { Name = message.Name })],
            AddGenerationPrompt = true,
        };
        try
        {
            return WithPrefix(template.Render(context, cancellationToken).Tokens);
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

    // Most templates print the token that begins a document themselves; it stands there once.
    private int[] WithPrefix(int[] ids) => ids.AsSpan().StartsWith([.. model.Prefix]) ? ids : [.. model.Prefix, .. ids];

    // An empty text goes on from the token that stands before every document.
    private int[] RenderText(string text)
    {
        int[] ids = [.. model.Prefix, .. model.Tokenizer.Encode(text)];
        if (ids.Length > 0)
        {
            return ids;
        }

        return model.DocumentStart is { } start
            ? [start]
            : throw ParleyException.InvalidRequest("The prompt is empty and the model has no token to begin with; send some text.", "prompt");
    }

    private int[] RenderIds(IReadOnlyList<int> ids)
    {
        if (ids.Count == 0)
        {
            throw ParleyException.InvalidRequest("The prompt has no token; send at least one.", "prompt");
        }

        RequestRules.CheckIds(ids, "prompt", model);
        return [.. ids];
    }

    private static string RoleName(MessageRole role) => role switch
    {
        MessageRole.System => "system",
        MessageRole.User => "user",
        MessageRole.Assistant => "assistant",
        MessageRole.Tool => "tool",
        _ => throw ParleyException.InvalidRequest($"The role {role} is not supported; use system, user, assistant or tool.", "messages"),
    };
}
