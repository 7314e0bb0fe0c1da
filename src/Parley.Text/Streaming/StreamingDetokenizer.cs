using System.Text;

namespace Parley.Text;

/// <summary>
/// Turns ids into text one at a time. A character whose bytes are not all there yet is held back, so the pieces joined
/// equal the whole decoded at once. Special tokens give no text. One instance per stream.
/// </summary>
/// <param name="tokenizer">Gives each token's bytes.</param>
/// <param name="startsText">
/// The ids begin a text of their own: a space that the vocabulary puts before its first word is dropped. False where they go on
/// with a text, whose next word's space is its own.
/// </param>
public sealed class StreamingDetokenizer(Tokenizer tokenizer, bool startsText = false)
{
    private readonly Decoder _decoder = Encoding.UTF8.GetDecoder();
    private bool _dropsSpace = startsText && tokenizer.AddsSpace;

    /// <summary>The text that became complete with this id; empty when none did.</summary>
    public string Push(int id)
    {
        var bytes = tokenizer.TokenBytes(id);
        if (_dropsSpace && !bytes.IsEmpty)
        {
            _dropsSpace = false;
            bytes = bytes[0] == ' ' ? bytes[1..] : bytes;
        }

        return Convert(bytes, flush: false);
    }

    /// <summary>What was held back, as U+FFFD; the stream is over and the instance ready for the next one.</summary>
    public string Flush()
    {
        _dropsSpace = startsText && tokenizer.AddsSpace;
        return Convert([], flush: true);
    }

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
