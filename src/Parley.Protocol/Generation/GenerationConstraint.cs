namespace Parley.Protocol.Generation;

/// <summary>What an answer must look like; an answer that ends by itself always does, one that is cut (length, stop strings) may be a beginning of it.</summary>
/// <param name="Parameter">The request's parameter that asked for it, for refusals.</param>
public abstract record GenerationConstraint(string Parameter)
{
    /// <summary>Any JSON object.</summary>
    public sealed record JsonObject(string Parameter) : GenerationConstraint(Parameter);

    /// <summary>JSON valid against a schema (draft 2020-12), which is given as JSON text.</summary>
    public sealed record JsonSchema(string Schema, string Parameter) : GenerationConstraint(Parameter);

    /// <summary>Text that matches a regular expression (ECMA-262) as a whole.</summary>
    public sealed record Regex(string Pattern, string Parameter) : GenerationConstraint(Parameter);

    /// <summary>One of some texts.</summary>
    public sealed record Choice(IReadOnlyList<string> Texts, string Parameter) : GenerationConstraint(Parameter);

    /// <summary>Text of a context-free grammar in the notation that docs/structured-output.md describes.</summary>
    public sealed record Grammar(string Rules, string Parameter) : GenerationConstraint(Parameter);
}
