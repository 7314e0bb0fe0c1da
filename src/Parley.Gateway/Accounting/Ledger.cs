using System.Text;
using System.Text.Json;
using Parley.Protocol;
using Parley.Protocol.Accounting;
using Parley.Protocol.Generation;

namespace Parley.Gateway.Accounting;

/// <summary>
/// Reserves before, settles after: every request that is let in has one reservation here and, at its end, one entry in the store. Knows no
/// prices yet; cost is 0.
/// </summary>
public sealed class Ledger(ILedgerStore store, TimeProvider time)
{
    private long _reserved;

    /// <summary>Tokens that running requests may still cost at most.</summary>
    public long ReservedTokens => Interlocked.Read(ref _reserved);

    /// <summary>Reserves an upper bound: a token stands for at least one byte of input, and no choice exceeds its limit.</summary>
    /// <param name="contextLength">The bound of prompt and answer where the request names no limit.</param>
    public Reservation Reserve(GenerationRequest request, int contextLength)
    {
        var output = (long)request.Choices * Math.Min(request.MaxOutputTokens ?? contextLength, contextLength);
        return new Reservation(this, store, time, request, InputBound(request.Input), output);
    }

    internal void Add(long tokens) => Interlocked.Add(ref _reserved, tokens);

    // A template's own tokens are not input bytes; this much a message covers every template we serve.
    private const int TemplateTokensPerMessage = 16;

    private static long InputBound(GenerationInput input) => input switch
    {
        GenerationInput.Chat chat => chat.Messages.Sum(message => (long)Encoding.UTF8.GetByteCount(message.PlainText) + TemplateTokensPerMessage) + TemplateTokensPerMessage,
        GenerationInput.Text text => Encoding.UTF8.GetByteCount(text.Value) + TemplateTokensPerMessage,
        GenerationInput.Tokens tokens => tokens.Ids.Count,
        GenerationInput.Many many => many.Inputs.Sum(InputBound),
        GenerationInput.Pair pair => Encoding.UTF8.GetByteCount(pair.First) + Encoding.UTF8.GetByteCount(pair.Second) + TemplateTokensPerMessage,
        _ => 0,
    };

    internal static string? RecordedJson(GenerationRequest request) =>
        request.Recorded.Count == 0 ? null : JsonSerializer.Serialize(new Dictionary<string, string>(request.Recorded), GatewayJson.Default.DictionaryStringString);
}
