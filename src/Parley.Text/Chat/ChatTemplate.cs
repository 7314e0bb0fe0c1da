using Parley.Text.Jinja;

namespace Parley.Text;

/// <summary>
/// Conversations to token ids and loss mask for one vocabulary; the same function serves training and answers. Whatever the layout, text that
/// came with a message never becomes a control token: only what the template itself writes does. Immutable, safe to call from many threads.
/// </summary>
public abstract class ChatTemplate
{
    /// <summary>ChatML as a Jinja template, for GGUF and Hugging Face files.</summary>
    public const string ChatMlJinja =
        "{% for message in messages %}{{'<|im_start|>' + message['role'] + '\n' + message['content'] + '<|im_end|>' + '\n'}}{% endfor %}" +
        "{% if add_generation_prompt %}{{ '<|im_start|>assistant\n' }}{% endif %}";

    /// <summary>The roles of a dialogue that every layout knows, more or less.</summary>
    public static IReadOnlyList<string> Roles { get; } = ["system", "user", "assistant", "tool"];

    /// <summary>The layout as a Jinja template, as model files carry it.</summary>
    public abstract string Source { get; }

    /// <summary>The layout for conversations with tools, where the files have one of its own.</summary>
    public virtual string SourceForTools => Source;

    /// <summary>The ids that the layout puts after an answer.</summary>
    public abstract IReadOnlyList<int> StopIds { get; }

    /// <summary>ChatML for a vocabulary that has its tokens.</summary>
    /// <exception cref="InvalidOperationException">The vocabulary has no ChatML tokens.</exception>
    public static ChatTemplate ChatMl(Tokenizer tokenizer) => new ChatMlTemplate(tokenizer);

    /// <summary>The template of a model's files. ChatML, written as <see cref="ChatMlJinja"/> writes it, needs no interpreter.</summary>
    /// <param name="clock">For templates that tell the date; null: the system's.</param>
    /// <exception cref="JinjaException">The source cannot be parsed; says where.</exception>
    public static ChatTemplate Parse(ChatTemplateSource source, Tokenizer tokenizer, TimeProvider? clock = null) =>
        source is { Template: ChatMlJinja, ForTools: null } && tokenizer.Special.HasChatMl
            ? ChatMl(tokenizer)
            : new JinjaChatTemplate(source, tokenizer, clock ?? TimeProvider.System);

    /// <exception cref="ArgumentException">A role is not known.</exception>
    /// <exception cref="JinjaException">The template refuses these messages, or fails on them; says why and where.</exception>
    public abstract RenderedChat Render(ChatContext context, CancellationToken cancellationToken = default);

    /// <summary>Renders the messages in order; with <paramref name="addGenerationPrompt"/> the header of an answer follows.</summary>
    /// <exception cref="ArgumentException">A role is not known.</exception>
    /// <exception cref="JinjaException">The template refuses these messages, or fails on them; says why and where.</exception>
    public RenderedChat Render(IReadOnlyList<ChatTemplateMessage> messages, bool addGenerationPrompt = false) =>
        Render(new ChatContext { Messages = messages, AddGenerationPrompt = addGenerationPrompt });
}
