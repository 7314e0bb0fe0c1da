using System.Text;

namespace Parley.Text;

/// <summary>
/// Turns ids into text one at a time. A character whose bytes are not all there yet is held back, so the pieces joined
/// equal the whole decoded at once. Special tokens give no text. One instance per stream.
/// </summary>
public sealed class StreamingDetokenizer(Tokenizer tokenizer)
{
    private readonly Decoder _decoder = Encoding.UTF8.GetDecoder();

    /// <summary>The text that became complete with this id; empty when none did.</summary>
    public string Push(int id) => Convert(tokenizer.TokenBytes(id), flush: false);

    /// <summary>What was held back, as U+FFFD; the stream is over and the instance ready for the next one.</summary>
    public string Flush() => Convert([], flush: true);

    private string Convert(ReadOnlySpan<byte> bytes, bool flush)
    {
        var count = _decoder.GetCharCount(bytes, flush);
        if (count == 0 && !flush && bytes.IsEmpty)
            return "";
        Span<char> chars = count <= 256 ? stackalloc char[count] : new char[count];
        var written = _decoder.GetChars(bytes, chars, flush);
        return new string(chars[..written]);
    }
}
