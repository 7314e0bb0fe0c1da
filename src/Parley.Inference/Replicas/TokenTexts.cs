using System.Text;
using Parley.Protocol.Generation;
using Parley.Text;

namespace Parley.Inference;

/// <summary>Tokens and their log-probabilities as callers read them: with text and bytes.</summary>
internal sealed class TokenTexts(Tokenizer tokenizer)
{
    public TokenLogProbability Describe(int token, float logProbability, IReadOnlyList<TokenProbability> top) =>
        Of(token, logProbability, [.. top.Select(entry => Of(entry.Token, entry.LogProbability, []))]);

    /// <summary>The tokens that the caller sent. The first of all follows nothing.</summary>
    /// <param name="scores">Of all but the first.</param>
    public IReadOnlyList<TokenLogProbability> Describe(RenderedPrompt prompt, IReadOnlyList<TokenScore> scores) =>
    [
        .. Enumerable.Range(prompt.FirstOwn, prompt.Ids.Length - prompt.FirstOwn).Select(i => i == 0
            ? Of(prompt.Ids[0], float.NaN, [])
            : Describe(prompt.Ids[i], scores[i - 1].LogProbability, scores[i - 1].Top)),
    ];

    private TokenLogProbability Of(int token, float logProbability, IReadOnlyList<TokenLogProbability> top)
    {
        if (token >= tokenizer.VocabularySize)
        {
            return new(token, "", logProbability, top);
        }

        if (tokenizer.Special.TextOf(token) is { } name)
        {
            return new(token, name, logProbability, top);
        }

        var bytes = tokenizer.TokenBytes(token);
        return new(token, Encoding.UTF8.GetString(bytes), logProbability, top) { Bytes = bytes.ToArray() };
    }
}
