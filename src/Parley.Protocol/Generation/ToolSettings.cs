using System.Text.Json;

namespace Parley.Protocol.Generation;

/// <summary>The functions that a request offers to the model, and how free it is to call them.</summary>
/// <param name="Tools">At least one, no name twice.</param>
public sealed record ToolSettings(IReadOnlyList<Tool> Tools)
{
    public ToolChoice Choice { get; init; } = ToolChoice.Auto;

    /// <summary>The only function that may be called, and must be; null: any. With <see cref="ToolChoice.Required"/> only.</summary>
    public string? ForcedName { get; init; }

    /// <summary>Several calls may come in one answer.</summary>
    public bool Parallel { get; init; } = true;
}

/// <param name="Name">What the model calls it by.</param>
/// <param name="Declaration">The whole declaration as the wire has it: {"type":"function","function":{...}}.</param>
/// <param name="Parameters">A JSON Schema; null: no arguments are described.</param>
/// <param name="Strict">Arguments must match <paramref name="Parameters"/>, whatever the model would rather write.</param>
public sealed record Tool(string Name, JsonElement Declaration, JsonElement? Parameters, bool Strict);

/// <summary>A call that was made.</summary>
/// <param name="Arguments">JSON text, as the model wrote it.</param>
public sealed record ToolCall(string Id, string Name, string Arguments);

public enum ToolChoice
{
    /// <summary>The model decides.</summary>
    Auto,

    /// <summary>The model hears of no tools, and what it writes is text.</summary>
    None,

    /// <summary>The answer is a call.</summary>
    Required,
}
