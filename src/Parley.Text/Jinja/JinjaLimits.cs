namespace Parley.Text.Jinja;

/// <summary>
/// How much a template may take. Everything is counted, nothing timed, so the same template and input end alike on every machine. The defaults
/// are far above what the templates of published models need for a full context.
/// </summary>
public sealed record JinjaLimits
{
    public static JinjaLimits Default { get; } = new();

    /// <summary>Characters of a template.</summary>
    public int TemplateLength { get; init; } = 1 << 20;

    /// <summary>How deep tags and brackets may nest.</summary>
    public int ParseDepth { get; init; } = 100;

    /// <summary>Statements and expressions evaluated, long scans counted by their length.</summary>
    public long Steps { get; init; } = 10_000_000;

    /// <summary>How deep evaluation may nest: an operand in an operand, a macro in a macro, a list in a list.</summary>
    public int Depth { get; init; } = 400;

    /// <summary>Characters of all texts made on the way, the output and its parts alike; an element of a list counts as 32.</summary>
    public long Memory { get; init; } = 1 << 27;

    /// <summary>Characters of the output.</summary>
    public int OutputLength { get; init; } = 1 << 24;

    /// <summary>Numbers that one <c>range</c> may yield.</summary>
    public int RangeLength { get; init; } = 100_000;
}
