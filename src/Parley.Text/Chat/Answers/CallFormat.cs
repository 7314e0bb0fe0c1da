namespace Parley.Text;

/// <summary>How a model's template has it write calls. All of them are JSON objects with a name and arguments; they differ in what stands around.</summary>
public sealed record CallFormat
{
    private CallFormat()
    {
    }

    /// <summary>What stands before a call, or a list of them; null: nothing, and a call is the beginning of the answer.</summary>
    public string? Open { get; private init; }

    /// <summary>What stands behind; null: nothing.</summary>
    public string? Close { get; private init; }

    /// <summary>The mark may be left out at the beginning of an answer.</summary>
    public bool OpenIsOptional { get; private init; }

    /// <summary>What the model calls the arguments.</summary>
    public string ArgumentsName { get; private init; } = "arguments";

    /// <summary>Calls stand in a JSON array.</summary>
    public bool IsArray { get; private init; }

    /// <summary>Ids of calls are nine letters and digits, as the template demands.</summary>
    public bool HasShortIds { get; private init; }

    /// <summary>The template has no place for tools: they must be described in words.</summary>
    public bool NeedsDescription { get; private init; }

    /// <summary>Hermes, Qwen and many after them: {"name":..., "arguments":...} between tags.</summary>
    public static CallFormat Hermes { get; } = new() { Open = "<tool_call>", Close = "</tool_call>" };

    /// <summary>Llama 3.1 and later: {"name":..., "parameters":...}, sometimes behind a control token.</summary>
    public static CallFormat Llama { get; } = new() { Open = "<|python_tag|>", OpenIsOptional = true, ArgumentsName = "parameters" };

    /// <summary>Mistral: a control token and an array.</summary>
    public static CallFormat Mistral { get; } = new() { Open = "[TOOL_CALLS]", IsArray = true, HasShortIds = true };

    /// <summary>A bare JSON object.</summary>
    public static CallFormat Json { get; } = new();

    /// <summary>A bare JSON object, as described in words in the system message.</summary>
    public static CallFormat Described { get; } = new() { NeedsDescription = true };

    /// <summary>The format that a chat template describes.</summary>
    /// <param name="template">Jinja.</param>
    public static CallFormat Of(string template)
    {
        if (template.Contains("[TOOL_CALLS]", StringComparison.Ordinal))
            return Mistral;
        if (template.Contains("<tool_call>", StringComparison.Ordinal))
            return Hermes;
        if (!template.Contains("tools", StringComparison.Ordinal))
            return Described;
        return template.Contains("<|python_tag|>", StringComparison.Ordinal) || template.Contains("\"parameters\": dictionary", StringComparison.Ordinal)
            ? Llama
            : Json;
    }
}
