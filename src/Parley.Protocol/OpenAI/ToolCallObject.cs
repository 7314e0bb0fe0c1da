using System.Text.Json.Serialization;
using Parley.Protocol.Generation;

namespace Parley.Protocol.OpenAI;

/// <summary>A call, whole or a piece of one. In a stream the first piece of a call has its id, type and name, the others arguments alone.</summary>
public sealed record ToolCallObject(CalledFunctionObject Function)
{
    /// <summary>Which call of the answer; streams only.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public int? Index { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Id { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Type { get; init; }

    public static ToolCallObject Whole(ToolCall call) => new(new CalledFunctionObject(call.Arguments) { Name = call.Name }) { Id = call.Id, Type = "function" };

    public static ToolCallObject Piece(ToolCallDelta piece) => new(new CalledFunctionObject(piece.Arguments) { Name = piece.Name })
    {
        Index = piece.Index,
        Id = piece.Id,
        Type = piece.Id is null ? null : "function",
    };
}

/// <param name="Arguments">JSON text, or a piece of it.</param>
public sealed record CalledFunctionObject(string Arguments)
{
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Name { get; init; }
}
