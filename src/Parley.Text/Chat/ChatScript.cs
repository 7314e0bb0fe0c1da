using Parley.Text.Jinja;

namespace Parley.Text;

/// <summary>A model's chat template as a program: a conversation in, the prompt's text out, each character with its origin. It knows no token ids.</summary>
public sealed class ChatScript
{
    private readonly JinjaTemplate _template;
    private readonly string _beginToken;
    private readonly string _endToken;

    private ChatScript(JinjaTemplate template, string beginToken, string endToken) => (_template, _beginToken, _endToken) = (template, beginToken, endToken);

    public string Source => _template.Source;

    /// <param name="source">Jinja.</param>
    /// <param name="beginToken">What the template calls bos_token; empty where the vocabulary has none.</param>
    /// <param name="endToken">What the template calls eos_token; empty where the vocabulary has none.</param>
    /// <exception cref="JinjaException">The source cannot be parsed; says where.</exception>
    public static ChatScript Parse(string source, string beginToken = "", string endToken = "", JinjaLimits? limits = null) =>
        new(JinjaTemplate.Parse(source, limits), beginToken, endToken);

    /// <param name="context">What is said.</param>
    /// <param name="now">The date for templates that tell it.</param>
    /// <exception cref="JinjaException">The template refuses the messages, makes a mistake or reaches a limit.</exception>
    public MarkedText Render(ChatContext context, DateTimeOffset now, CancellationToken cancellationToken = default) =>
        _template.Render(ChatVariables.Of(context, _beginToken, _endToken), now, cancellationToken);
}
