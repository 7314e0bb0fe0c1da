using System.Text;

namespace Parley.Text;

/// <summary>
/// Text in, token ids out, and back. Ordinary text never yields a special token, whatever it spells; special tokens are
/// placed by id, by the code that means them. Decoding skips special tokens: they are control, not text.
/// Implementations are immutable and safe to call from many threads.
/// </summary>
public abstract class Tokenizer
{
    /// <summary>How many ids there are, special tokens included; ids run from 0 to this, exclusive.</summary>
    public abstract int VocabularySize { get; }

    public abstract SpecialTokens Special { get; }

    /// <summary>SHA-256 (lower-case hex) of the tokenizer's definition: equal hashes mean equal ids for every text.</summary>
    public abstract string Hash { get; }

    /// <summary>Ids of ordinary text. A lone surrogate is encoded as U+FFFD, as it has no UTF-8 form.</summary>
    public abstract int[] Encode(string text);

    /// <summary>Ids of any bytes: valid UTF-8 is treated as text, every other byte stands for itself. Decodes to the same bytes.</summary>
    public abstract int[] Encode(ReadOnlySpan<byte> utf8);

    /// <summary>Ids of a whole text; with no option set, the same as <see cref="Encode(string)"/>.</summary>
    public int[] Encode(string text, EncodeOptions options) => EncodeSegments([new TextSegment(text, options.ParseSpecial)], options.AddSpecial);

    /// <summary>
    /// Ids of a prompt in pieces, encoded as one text. A control token's name yields the token only inside trusted pieces, so that a
    /// user who types it gets its letters.
    /// </summary>
    public virtual int[] EncodeSegments(IReadOnlyList<TextSegment> segments, bool addSpecial = false)
    {
        var text = string.Concat(segments.Select(segment => segment.Text));
        var matcher = new AddedTokenMatcher(Special.All.Select(token => new AddedToken(token.Key, token.Value)), leftmostFirst: true);
        var ids = new List<int>();
        foreach (var fragment in matcher.Cut(text, TrustedRanges(segments)))
        {
            if (fragment.IsText)
                ids.AddRange(Encode(text.Substring(fragment.Start, fragment.Length)));
            else
                ids.Add(fragment.Id);
        }

        return [.. ids];
    }

    /// <summary>The bytes one id stands for: empty for a special token.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The id is not in the vocabulary.</exception>
    public abstract ReadOnlySpan<byte> TokenBytes(int id);

    public byte[] Decode(ReadOnlySpan<int> ids)
    {
        var length = 0;
        foreach (var id in ids)
            length += TokenBytes(id).Length;

        var bytes = new byte[length];
        var rest = bytes.AsSpan();
        foreach (var id in ids)
        {
            var token = TokenBytes(id);
            token.CopyTo(rest);
            rest = rest[token.Length..];
        }

        return bytes;
    }

    /// <summary>The decoded bytes as text; what is not valid UTF-8 becomes U+FFFD.</summary>
    public string DecodeText(ReadOnlySpan<int> ids) => Encoding.UTF8.GetString(Decode(ids));

    private protected static List<(int Start, int End)> TrustedRanges(IReadOnlyList<TextSegment> segments)
    {
        var ranges = new List<(int Start, int End)>();
        var at = 0;
        foreach (var segment in segments)
        {
            if (segment.Trusted && ranges.Count > 0 && ranges[^1].End == at)
                ranges[^1] = (ranges[^1].Start, at + segment.Text.Length);
            else if (segment.Trusted)
                ranges.Add((at, at + segment.Text.Length));
            at += segment.Text.Length;
        }

        return ranges;
    }
}
