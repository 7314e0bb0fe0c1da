namespace Parley.Text;

/// <summary>
/// ChatML without an interpreter: what is trained here speaks it. Content and role names are encoded piece by piece, so a prompt is always a
/// prefix of the finished conversation; where a message begins with a line break that differs from joining first, as a Jinja template does.
/// Tools and typed parts are not its business.
/// </summary>
internal sealed class ChatMlTemplate : ChatTemplate
{
    private const string Assistant = "assistant";

    private readonly Tokenizer _tokenizer;
    private readonly Dictionary<string, int[]> _headers;
    private readonly int[] _newLine;

    /// <exception cref="InvalidOperationException">The vocabulary has no ChatML tokens.</exception>
    public ChatMlTemplate(Tokenizer tokenizer)
    {
        _tokenizer = tokenizer;
        _newLine = tokenizer.Encode("\n");
        _headers = Roles.ToDictionary(role => role, role => (int[])[tokenizer.Special.ImStart, .. tokenizer.Encode(role + "\n")], StringComparer.Ordinal);
        StopIds = tokenizer.Special.TryGet(SpecialTokens.EndOfTextName, out var end)
            ? [tokenizer.Special.ImEnd, end]
            : [tokenizer.Special.ImEnd];
    }

    public override string Source => ChatMlJinja;

    public override IReadOnlyList<int> StopIds { get; }

    public override RenderedChat Render(ChatContext context, CancellationToken cancellationToken = default)
    {
        var tokens = new List<int>();
        var mask = new List<bool>();
        foreach (var message in context.Messages)
        {
            var spoken = message is { Role: Assistant, IsScored: true };
            Append(Header(message.Role), false);
            Append(_tokenizer.Encode(message.Content), spoken);
            Append([_tokenizer.Special.ImEnd], spoken);
            Append(_newLine, false);
        }

        if (context.AddGenerationPrompt)
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
