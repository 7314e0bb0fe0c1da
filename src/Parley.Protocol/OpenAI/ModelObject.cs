using System.Text.Json.Serialization;
using Parley.Protocol.Generation;

namespace Parley.Protocol.OpenAI;

/// <summary>A model in <c>GET /v1/models</c>. <paramref name="ContextLength"/> and <paramref name="Version"/> (the weights id) are Parley's own additions.</summary>
public sealed record ModelObject(string Id, string Object, long Created, string OwnedBy, int ContextLength, string Version)
{
    /// <summary>For an adapter, the model that it adapts.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Parent { get; init; }

    public static ModelObject Of(ModelDescription model) =>
        new(model.Id, "model", model.Created, "parley", model.ContextLength, model.Version) { Parent = model.Parent };
}

public sealed record ModelList(IReadOnlyList<ModelObject> Data)
{
    public string Object { get; } = "list";
}
