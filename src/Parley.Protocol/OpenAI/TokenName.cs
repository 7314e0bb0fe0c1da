using System.Globalization;
using Parley.Protocol.Generation;

namespace Parley.Protocol.OpenAI;

/// <summary>A token's text; one that is not whole characters is written as its bytes, \xe4\xbd, as OpenAI does.</summary>
internal static class TokenName
{
    public static string Of(TokenLogProbability token, string prefix) => token.Bytes is { } bytes && token.Text.Contains('\uFFFD', StringComparison.Ordinal)
        ? prefix + string.Concat(bytes.Select(value => value is >= 0x20 and < 0x7F ? ((char)value).ToString() : "\\x" + value.ToString("x2", CultureInfo.InvariantCulture)))
        : token.Text;
}
