using System.Text;
using Parley.Protocol.Generation;

namespace Parley.Protocol.OpenAI;

/// <summary>Log-probabilities in the chat dialect: one entry a token.</summary>
public sealed record ChatLogProbabilities(IReadOnlyList<ChatLogProbability> Content)
{
    public static ChatLogProbabilities? Of(IReadOnlyList<TokenLogProbability>? tokens) =>
        tokens is null ? null : new([.. tokens.Select(token => ChatLogProbability.Of(token, withTop: true))]);
}

/// <param name="Bytes">The token's UTF-8, or null where the token is not whole characters.</param>
public sealed record ChatLogProbability(string Token, float Logprob, IReadOnlyList<int>? Bytes, IReadOnlyList<ChatLogProbability>? TopLogprobs)
{
    /// <summary>What stands for minus infinity, which JSON cannot say; OpenAI uses the same number.</summary>
    public const float Least = -9999f;

    public static ChatLogProbability Of(TokenLogProbability token, bool withTop) => new(
        token.Text,
        Math.Max(token.LogProbability, Least),
        token.Text.Contains('\uFFFD') ? null : [.. Encoding.UTF8.GetBytes(token.Text).Select(value => (int)value)],
        withTop ? [.. token.Top.Select(top => Of(top, withTop: false))] : null);
}

/// <summary>Log-probabilities in the completions dialect: parallel lists. Offsets count UTF-16 units in the answer.</summary>
public sealed record CompletionLogProbabilities(
    IReadOnlyList<string> Tokens,
    IReadOnlyList<float> TokenLogprobs,
    IReadOnlyList<IReadOnlyDictionary<string, float>> TopLogprobs,
    IReadOnlyList<int> TextOffset)
{
    public static CompletionLogProbabilities? Of(IReadOnlyList<TokenLogProbability>? tokens, int offset)
    {
        if (tokens is null)
        {
            return null;
        }

        var offsets = new int[tokens.Count];
        for (var i = 0; i < offsets.Length; i++)
        {
            offsets[i] = offset;
            offset += tokens[i].Text.Length;
        }

        return new(
            [.. tokens.Select(token => token.Text)],
            [.. tokens.Select(token => Math.Max(token.LogProbability, ChatLogProbability.Least))],
            [.. tokens.Select(Top)],
            offsets);
    }

    private static IReadOnlyDictionary<string, float> Top(TokenLogProbability token)
    {
        var top = new Dictionary<string, float>(StringComparer.Ordinal);
        foreach (var alternative in token.Top)
        {
            // Two tokens may read alike; the likelier one, which comes first, is kept.
            top.TryAdd(alternative.Text, Math.Max(alternative.LogProbability, ChatLogProbability.Least));
        }

        return top;
    }
}
