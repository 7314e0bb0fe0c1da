namespace Parley.Text;

/// <summary>
/// ChatML: messages to token ids and loss mask, one function for training and serving. Content and role names are always
/// encoded as ordinary text, piece by piece, so a user who types a control token's name gets its letters, and a prompt is
/// always a prefix of the finished conversation.
/// </summary>
public sealed class ChatTemplate
{
    /// <summary>The same layout as a Jinja template, for GGUF and Hugging Face files.</summary>
    public const string ChatMlJinja =
        "{% for message in messages %}{{'<|im_start|>' + message['role'] + '\n' + message['content'] + '<|im_end|>' + '\n'}}{% endfor %}" +
        "{% if add_generation_prompt %}{{ '<|im_start|>assistant\n' }}{% endif %}";

    private const string Assistant = "assistant";

    private readonly Tokenizer _tokenizer;
    private readonly Dictionary<string, int[]> _headers;
    private readonly int[] _newLine;

    /// <exception cref="InvalidOperationException">The vocabulary has no ChatML tokens.</exception>
    public ChatTemplate(Tokenizer tokenizer)
    {
        _tokenizer = tokenizer;
        _newLine = tokenizer.Encode("\n");
        _headers = Roles.ToDictionary(role => role, role => (int[])[tokenizer.Special.ImStart, .. tokenizer.Encode(role + "\n")], StringComparer.Ordinal);
        StopIds = tokenizer.Special.TryGet(SpecialTokens.EndOfTextName, out var end)
            ? [tokenizer.Special.ImEnd, end]
            : [tokenizer.Special.ImEnd];
    }

    public static IReadOnlyList<string> Roles { get; } = ["system", "user", Assistant, "tool"];

    /// <summary>The ids that end an answer.</summary>
    public IReadOnlyList<int> StopIds { get; }

    /// <summary>Renders the messages in order; with <paramref name="addGenerationPrompt"/> the header of an answer follows.</summary>
    /// <exception cref="ArgumentException">A role is not one of <see cref="Roles"/>.</exception>
    public RenderedChat Render(IReadOnlyList<ChatTemplateMessage> messages, bool addGenerationPrompt = false)
    {
        var tokens = new List<int>();
        var mask = new List<bool>();
        foreach (var message in messages)
        {
            var spoken = message.Role == Assistant;
            Append(Header(message.Role), false);
            Append(_tokenizer.Encode(message.Content), spoken);
            Append([_tokenizer.Special.ImEnd], spoken);
            Append(_newLine, false);
        }

        if (addGenerationPrompt)
            Append(_headers[Assistant], false);
        return new RenderedChat([.. tokens], [.. mask]);

        void Append(ReadOnlySpan<int> ids, bool counts)
        {
            tokens.AddRange(ids);
            mask.AddRange(Enumerable.Repeat(counts, ids.Length));
        }
    }

    private int[] Header(string role) => _headers.TryGetValue(role, out var header)
        ? header
        : throw new ArgumentException($"The role '{role}' is not known; use one of: {string.Join(", ", Roles)}.", nameof(role));
}
