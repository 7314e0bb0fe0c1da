using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using Parley.Protocol.Generation;

namespace Parley.Storage;

/// <summary>A generation event's stored form: JSON without the members that hold their default. Members may be added, never renamed.</summary>
internal static class StoredEvent
{
    private static readonly StoredEventJson Json = new(new JsonSerializerOptions(StoredEventJson.Default.Options) { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping });

    public static byte[] Write(GenerationEvent entry) => JsonSerializer.SerializeToUtf8Bytes(entry, Json.GenerationEvent);

    public static GenerationEvent Read(byte[] json) =>
        JsonSerializer.Deserialize(json, Json.GenerationEvent) ?? throw new InvalidDataException("The generation log holds an empty event.");
}

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingDefault,
    IgnoreReadOnlyProperties = true,
    NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals,
    UseStringEnumConverter = true)]
[JsonSerializable(typeof(GenerationEvent))]
internal sealed partial class StoredEventJson : JsonSerializerContext;
