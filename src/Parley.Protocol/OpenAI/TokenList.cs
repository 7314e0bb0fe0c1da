using System.Text.Json.Serialization;

namespace Parley.Protocol.OpenAI;

/// <summary>The answer of <c>POST /v1/tokenize</c>, as vLLM has it.</summary>
public sealed record TokenList(int Count, int MaxModelLen, IReadOnlyList<int> Tokens)
{
    /// <summary>Each token's text; null when not asked for.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<string>? TokenStrs { get; init; }
}

/// <summary>The answer of <c>POST /v1/detokenize</c>.</summary>
public sealed record DetokenizedText(string Prompt);
