using Parley.Inference;
using Parley.Protocol.Generation;
using Parley.Text;

namespace Parley.Training.Batches;

/// <summary>One line of a chat file: a whole conversation, the tools on offer in it, and which of its assistant messages are to be learned.</summary>
/// <param name="Messages">At least one, in the shape in which a server receives them.</param>
/// <param name="Tools">May be empty.</param>
/// <param name="Weights">For each assistant message in order: false where the file gives it the weight 0.</param>
public sealed record ChatExample(string Path, int Line, IReadOnlyList<Message> Messages, IReadOnlyList<Tool> Tools, IReadOnlyList<bool> Weights)
{
    /// <summary>Renders it as a server would render the same messages and tools.</summary>
    /// <exception cref="InvalidDataException">The template refuses it, or its mask leaves nothing to learn or tells no one from another; names file and line.</exception>
    public RenderedChat Render(ChatTemplate template)
    {
        var context = ConversationContext.Of(Messages, Tools, AnswerFormat.Of(template.Source, template.SourceForTools).Calls);
        var chat = Render(template, context with { Messages = [.. Weigh(context.Messages)] });
        if (!chat.LossMask.Contains(true))
        {
            throw Fault("has no assistant message to learn from (its loss mask is all zero); add an answer that has not the weight 0, or remove the line");
        }

        return chat.LossMask.Contains(false) || Messages.All(message => message.Role != MessageRole.User)
            ? chat
            : throw Fault("has a user's turn in what would be learned (its loss mask is all one); take a chat template that marks what the assistant says");
    }

    /// <summary>A fault of this line, as one sentence with file and line.</summary>
    public InvalidDataException Fault(string problem, Exception? inner = null) => ChatFile.Fault(Path, Line, problem, inner);

    private RenderedChat Render(ChatTemplate template, ChatContext context)
    {
        try
        {
            return template.Render(context);
        }
        catch (Exception refusal) when (refusal is ArgumentException or Text.Jinja.JinjaException)
        {
            throw Fault($"is refused by the chat template ({refusal.Message.TrimEnd('.')}); mend or remove the line", refusal);
        }
    }

    // A renderer may put a system message before all others, but no assistant's.
    private IEnumerable<ChatTemplateMessage> Weigh(IEnumerable<ChatTemplateMessage> messages)
    {
        var spoken = 0;
        foreach (var message in messages) yield return message.Role == "assistant" ? message with { IsScored = Weights[spoken++] } : message;
    }
}
