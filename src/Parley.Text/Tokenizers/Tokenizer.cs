using System.Buffers;
using System.Text;
using System.Text.Unicode;

namespace Parley.Text;

/// <summary>
/// Text in, token ids out, and back. Ordinary text never yields a control token, whatever it spells; control tokens are
/// placed by id, or parsed from text that this program wrote. Decoding skips them: they are control, not text.
/// Implementations are immutable and safe to call from many threads.
/// </summary>
public abstract class Tokenizer
{
    private AddedTokenMatcher? _matcher;

    /// <summary>How many ids there are, special tokens included; ids run from 0 to this, exclusive.</summary>
    public abstract int VocabularySize { get; }

    public abstract SpecialTokens Special { get; }

    /// <summary>SHA-256 (lower-case hex) of the tokenizer's definition: equal hashes mean equal ids for every text.</summary>
    public abstract string Hash { get; }

    /// <summary>Ids that the vocabulary wants before a whole text (BOS, [CLS]).</summary>
    public IReadOnlyList<int> Prefix => Habits.Prefix;

    /// <summary>Ids that the vocabulary wants behind a whole text (EOS, [SEP]).</summary>
    public IReadOnlyList<int> Suffix => Habits.Suffix;

    /// <summary>True where the first word of a text carries a space that the text has not (SentencePiece): decoding drops it.</summary>
    public bool AddsSpace => Habits.AddsSpace;

    private protected virtual TokenizerHabits Habits => TokenizerHabits.None;

    /// <summary>What is looked for in the text before anything else.</summary>
    private protected virtual IEnumerable<AddedToken> AddedTokens => Special.All.Select(token => new AddedToken(token.Key, token.Value));

    /// <summary>Reads the bytes of a Hugging Face tokenizer.json of any kind that is supported.</summary>
    /// <exception cref="InvalidDataException">They are not one, or have parts that are not supported.</exception>
    public static Tokenizer FromTokenizerJson(ReadOnlySpan<byte> json) => TokenizerJson.Read(json);

    /// <summary>The tokenizer of a Hugging Face model folder; see <see cref="HuggingFaceTokenizer"/> for its end and beginning.</summary>
    /// <exception cref="InvalidDataException">A file is missing, damaged or of a kind that is not supported; names file and field.</exception>
    public static Tokenizer FromHuggingFace(string folder) => HuggingFaceTokenizer.Read(folder).Tokenizer;

    /// <summary>Ids of ordinary text. A lone surrogate is encoded as U+FFFD, as it has no UTF-8 form.</summary>
    public abstract int[] Encode(string text);

    /// <summary>Ids of any bytes: valid UTF-8 is treated as text, every other byte stands for itself where the vocabulary has bytes.</summary>
    public abstract int[] Encode(ReadOnlySpan<byte> utf8);

    /// <summary>Ids of a whole text; with no option set, the same as <see cref="Encode(string)"/>.</summary>
    public int[] Encode(string text, EncodeOptions options) => EncodeSegments([new TextSegment(text, options.ParseSpecial)], options.AddSpecial);

    /// <summary>
    /// Ids of a prompt in pieces, encoded as one text. A control token's name yields the token only inside trusted pieces, so that a
    /// user who types it gets its letters.
    /// </summary>
    public int[] EncodeSegments(IReadOnlyList<TextSegment> segments, bool addSpecial = false)
    {
        var text = segments.Count == 1 ? segments[0].Text : string.Concat(segments.Select(segment => segment.Text));
        var ids = new List<int>((text.Length / 3) + 4);
        if (addSpecial)
            ids.AddRange(Prefix);
        EncodeFragments(text, TrustedRanges(segments), ids);
        if (addSpecial)
            ids.AddRange(Suffix);
        return [.. ids];
    }

    /// <summary>The bytes one id stands for within a text: empty for a special token.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The id is not in the vocabulary.</exception>
    public abstract ReadOnlySpan<byte> TokenBytes(int id);

    /// <summary>The bytes of a whole text.</summary>
    public byte[] Decode(ReadOnlySpan<int> ids)
    {
        var bytes = Join(ids, withControl: false);
        return AddsSpace && bytes is [(byte)' ', ..] ? bytes[1..] : bytes;
    }

    /// <summary>The decoded bytes as text; what is not valid UTF-8 becomes U+FFFD.</summary>
    public string DecodeText(ReadOnlySpan<int> ids) => Encoding.UTF8.GetString(Decode(ids));

    /// <summary>The text as llama.cpp's llama_detokenize writes it: control tokens by name, spaces cleaned where the vocabulary is so marked.</summary>
    public string Describe(ReadOnlySpan<int> ids)
    {
        var bytes = Join(ids, withControl: true);
        if (Habits.AddsSpaceInLlamaCpp && ids.Length > 0 && TokenBytes(ids[0]) is [(byte)' ', ..])
            bytes = bytes[1..];
        var text = Encoding.UTF8.GetString(bytes);
        return Habits.CleansSpaces ? SpaceCleaner.Clean(text) : text;
    }

    /// <summary>Encodes bytes: stretches of valid UTF-8 as ordinary text, each byte between them by itself.</summary>
    private protected int[] EncodeBytes(ReadOnlySpan<byte> utf8)
    {
        var ids = new List<int>((utf8.Length / 3) + 4);
        var chars = ArrayPool<char>.Shared.Rent(utf8.Length);
        while (!utf8.IsEmpty)
        {
            var status = Utf8.ToUtf16(utf8, chars, out var read, out var written, replaceInvalidSequences: false);
            EncodeOrdinary(chars.AsSpan(0, written), ids);
            utf8 = utf8[read..];
            if (status == OperationStatus.Done)
                continue;
            EncodeByte(utf8[0], ids);
            utf8 = utf8[1..];
        }

        ArrayPool<char>.Shared.Return(chars);
        return [.. ids];
    }

    /// <summary>Encodes text in which no control token is looked for.</summary>
    private protected virtual void EncodeOrdinary(ReadOnlySpan<char> text, List<int> ids) => EncodeFragments(text, [], ids);

    /// <summary>Takes the id of one byte that is not text; nothing where the vocabulary has none.</summary>
    private protected virtual void EncodeByte(byte value, List<int> ids)
    {
    }

    /// <summary>Encodes what lies between two added tokens.</summary>
    /// <param name="text">Not empty.</param>
    /// <param name="isFirst">It is the very beginning of the text.</param>
    /// <param name="ids">Takes the ids.</param>
    private protected virtual void EncodeFragment(ReadOnlySpan<char> text, bool isFirst, List<int> ids) => ids.AddRange(Encode(text.ToString()));

    private protected void EncodeFragments(ReadOnlySpan<char> text, IReadOnlyList<(int Start, int End)> trusted, List<int> ids)
    {
        _matcher ??= new AddedTokenMatcher(AddedTokens, Habits.LeftmostAddedFirst);
        foreach (var fragment in _matcher.Cut(text, trusted))
        {
            if (fragment.IsText)
                EncodeFragment(text.Slice(fragment.Start, fragment.Length), fragment.Start == 0, ids);
            else
                ids.Add(fragment.Id);
        }
    }

    private byte[] Join(ReadOnlySpan<int> ids, bool withControl)
    {
        using var bytes = new MemoryStream(4 * ids.Length);
        foreach (var id in ids)
        {
            bytes.Write(TokenBytes(id));
            if (withControl && Special.TextOf(id) is { } name)
                bytes.Write(Encoding.UTF8.GetBytes(name));
        }

        return bytes.ToArray();
    }

    private static List<(int Start, int End)> TrustedRanges(IReadOnlyList<TextSegment> segments)
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
