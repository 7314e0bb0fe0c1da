namespace Parley.Text.Jinja;

/// <summary>
/// A parsed template. The language is Jinja as Hugging Face sets it up for chat templates: blocks trimmed, break and continue, generation blocks,
/// tojson without escapes for HTML; no files, no inheritance, no objects of the host. Immutable, safe to render from many threads.
/// </summary>
public sealed class JinjaTemplate
{
    private readonly string _normalized;
    private readonly Block _block;
    private readonly JinjaLimits _limits;

    private JinjaTemplate(string source, string normalized, Block block, JinjaLimits limits) =>
        (Source, _normalized, _block, _limits) = (source, normalized, block, limits);

    /// <summary>As it was given.</summary>
    public string Source { get; }

    /// <exception cref="JinjaException">Not a template, or one past the limits.</exception>
    public static JinjaTemplate Parse(string source, JinjaLimits? limits = null)
    {
        limits ??= JinjaLimits.Default;
        var normalized = TemplateLexer.Normalize(source);
        try
        {
            if (source.Length > limits.TemplateLength)
                throw new JinjaFault($"the template has {source.Length} characters; at most {limits.TemplateLength} are allowed.", 0);
            return new(source, normalized, StatementParser.Parse(TemplateLexer.Run(normalized), limits.ParseDepth), limits);
        }
        catch (JinjaFault fault)
        {
            throw JinjaException.At(normalized, fault.Position ?? 0, fault);
        }
    }

    /// <param name="variables">The names that the template sees, beside its globals.</param>
    /// <param name="now">What <c>strftime_now</c> tells.</param>
    /// <exception cref="JinjaException">The template refused, made a mistake or reached a limit.</exception>
    /// <exception cref="OperationCanceledException">Nobody waits any more.</exception>
    internal MarkedText Render(IEnumerable<KeyValuePair<string, JinjaValue>> variables, DateTimeOffset now, CancellationToken cancellationToken = default)
    {
        var interpreter = new Interpreter(new Meter(_limits, cancellationToken), now);
        try
        {
            return interpreter.Render(_block, variables);
        }
        catch (JinjaFault fault)
        {
            throw JinjaException.At(_normalized, fault.Position ?? interpreter.Position, fault);
        }
    }
}
