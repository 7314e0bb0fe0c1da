using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Parley.Protocol.OpenAI;

/// <summary>How OpenAI's wire types are written: snake_case, nulls shown, text as it is.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(ErrorBody))]
[JsonSerializable(typeof(ModelObject))]
[JsonSerializable(typeof(ModelList))]
[JsonSerializable(typeof(ChatCompletion))]
[JsonSerializable(typeof(ChatCompletionChunk))]
[JsonSerializable(typeof(Completion))]
[JsonSerializable(typeof(EmbeddingList))]
[JsonSerializable(typeof(RerankAnswer))]
[JsonSerializable(typeof(TokenList))]
[JsonSerializable(typeof(DetokenizedText))]
public sealed partial class OpenAIJson : JsonSerializerContext
{
    private static OpenAIJson? _wire;

    /// <summary>The one to use: no escapes beyond what JSON demands. Made when it is first asked for, because its base is made by generated code.</summary>
    public static OpenAIJson Wire =>
        _wire ??= new(new JsonSerializerOptions(Default.Options) { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping });
}
