using Parley.Protocol.Generation;

namespace Parley.Protocol.OpenAI;

/// <summary>Log-probabilities in the chat dialect: one entry a token.</summary>
public sealed record ChatLogProbabilities(IReadOnlyList<ChatLogProbability> Content)
{
    /// <summary>Always null: a refusal is words like any others. OpenAI's types promise the member.</summary>
    public IReadOnlyList<ChatLogProbability>? Refusal { get; }

    public static ChatLogProbabilities? Of(IReadOnlyList<TokenLogProbability>? tokens) =>
        tokens is null ? null : new([.. tokens.Select(token => ChatLogProbability.Of(token, withTop: true))]);
}

/// <param name="Bytes">The token's bytes, which need not be whole characters; null for a control token.</param>
public sealed record ChatLogProbability(string Token, float Logprob, IReadOnlyList<int>? Bytes, IReadOnlyList<ChatLogProbability>? TopLogprobs)
{
    /// <summary>What stands for minus infinity, which JSON cannot say; OpenAI uses the same number.</summary>
    public const float Least = -9999f;

    public static ChatLogProbability Of(TokenLogProbability token, bool withTop) => new(
        TokenName.Of(token, ""),
        Math.Max(token.LogProbability, Least),
        token.Bytes is null ? null : [.. token.Bytes.Select(value => (int)value)],
        withTop ? [.. token.Top.Select(top => Of(top, withTop: false))] : null);
}

/// <summary>
/// Log-probabilities in the completions dialect: parallel lists, null for the first token of an echoed prompt. The token itself is always among
/// its alternatives. Offsets count UTF-16 units in the answer.
/// </summary>
public sealed record CompletionLogProbabilities(
    IReadOnlyList<string> Tokens,
    IReadOnlyList<float?> TokenLogprobs,
    IReadOnlyList<IReadOnlyDictionary<string, float>?> TopLogprobs,
    IReadOnlyList<int> TextOffset)
{
    /// <param name="offsets">Has seen the answer's earlier tokens.</param>
    public static CompletionLogProbabilities? Of(IReadOnlyList<TokenLogProbability>? tokens, TextOffsets offsets) => tokens is null ? null : new(
        [.. tokens.Select(Name)],
        [.. tokens.Select(token => float.IsNaN(token.LogProbability) ? (float?)null : Number(token))],
        [.. tokens.Select(Top)],
        [.. tokens.Select(offsets.Next)]);

    private static IReadOnlyDictionary<string, float>? Top(TokenLogProbability token)
    {
        if (float.IsNaN(token.LogProbability))
        {
            return null;
        }

        var top = new Dictionary<string, float>(StringComparer.Ordinal);
        foreach (var alternative in token.Top.Append(token))
        {
            // Two tokens may read alike; the likelier one, which comes first, is kept.
            top.TryAdd(Name(alternative), Number(alternative));
        }

        return top;
    }

    private static string Name(TokenLogProbability token) => TokenName.Of(token, "bytes:");

    private static float Number(TokenLogProbability token) => Math.Max(token.LogProbability, ChatLogProbability.Least);
}
