using System.Text;
using Parley.Protocol.Generation;

namespace Parley.Protocol.OpenAI;

/// <summary>Where in an answer's text each of its tokens begins, in UTF-16 units. A token that goes on with a character begins where that one does. One per answer.</summary>
public sealed class TextOffsets
{
    private readonly Decoder _decoder = Encoding.UTF8.GetDecoder();
    private int _offset;

    /// <summary>The place of the token that comes next.</summary>
    public int Next(TokenLogProbability token)
    {
        var start = _offset;
        if (token.Bytes is { } bytes)
        {
            Span<char> letters = stackalloc char[bytes.Count + 2];
            _offset += _decoder.GetChars([.. bytes], letters, flush: false);
        }

        return start;
    }
}
