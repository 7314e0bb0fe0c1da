using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;

namespace Parley.Text;

/// <summary>
/// Byte-level BPE: text is cut into words, each word's UTF-8 bytes are merged by rank. Frequent words come from a bounded
/// cache shared by all threads. Files: <c>tokenizer.json</c> of Hugging Face, and the vocabulary arrays of GGUF.
/// </summary>
public sealed class BpeTokenizer : Tokenizer
{
    /// <summary>Words that are cut before they are looked up.</summary>
    private const int WordBlock = 32;

    private readonly BpeVocabulary _vocabulary;
    private readonly ShortWords _shortWords = new();
    private readonly WordCache _longWords = new();
    private readonly Lazy<string> _hash;
    private readonly byte[]? _source;
    private readonly bool _hasOrdinaryAdded;

    /// <param name="vocabulary">The tokens and merges.</param>
    /// <param name="habits">What goes around the text.</param>
    /// <param name="normalizer">What happens to text first; null: nothing.</param>
    /// <param name="source">The tokenizer.json, where it says more than <see cref="TokenizerJsonWriter"/> can.</param>
    internal BpeTokenizer(BpeVocabulary vocabulary, TokenizerHabits? habits = null, TextNormalizer? normalizer = null, byte[]? source = null)
    {
        (_vocabulary, Habits, Normalizer, _source) = (vocabulary, habits ?? TokenizerHabits.None, normalizer, source);
        _hasOrdinaryAdded = vocabulary.Added.Any(token => !token.IsControl);
        _hash = new(() => Convert.ToHexStringLower(SHA256.HashData(ToJson())));
    }

    public override int VocabularySize => _vocabulary.Tokens.Count;

    public override SpecialTokens Special => _vocabulary.Special;

    public override string Hash => _hash.Value;

    public SplitPattern Pattern => _vocabulary.Pattern;

    /// <summary>By id, in the GPT-2 byte alphabet (added tokens by name, empty for an id that no text has): GGUF's tokenizer.ggml.tokens.</summary>
    public IReadOnlyList<string> Tokens => _vocabulary.Tokens;

    /// <summary>By rank, two tokens with a space between them: GGUF's tokenizer.ggml.merges.</summary>
    public IReadOnlyList<string> Merges => [.. _vocabulary.Merges];

    /// <summary>By id, 1 for ordinary tokens, 3 for control tokens, 4 for other added ones, 5 for ids that no text has: GGUF's tokenizer.ggml.token_type.</summary>
    public IReadOnlyList<int> TokenTypes
    {
        get
        {
            int[] types = [.. Tokens.Select(token => (int)(token.Length == 0 ? GgufTokenType.Unused : GgufTokenType.Normal))];
            foreach (var token in _vocabulary.Added)
                types[token.Id] = (int)(token.IsControl ? GgufTokenType.Control : GgufTokenType.UserDefined);
            return types;
        }
    }

    /// <summary>The name in tokenizer.ggml.pre by which llama.cpp does the same; null when it has none.</summary>
    public string? GgufPreTokenizer => ReferenceEquals(Pattern, SplitPattern.Llama3) && !_vocabulary.IgnoreMerges ? "smaug-bpe" : Pattern.GgufName;

    internal TextNormalizer? Normalizer { get; }

    private protected override TokenizerHabits Habits { get; }

    private protected override IEnumerable<AddedToken> AddedTokens => _vocabulary.Added;

    /// <summary>Reads a Hugging Face tokenizer.json.</summary>
    /// <exception cref="InvalidDataException">The file is missing, damaged or not a byte-level BPE tokenizer; names the file.</exception>
    public static BpeTokenizer Load(string tokenizerJsonPath)
    {
        if (!File.Exists(tokenizerJsonPath))
            throw new InvalidDataException($"{tokenizerJsonPath} does not exist; name a Hugging Face tokenizer.json, or train a tokenizer first.");
        try
        {
            return FromJson(File.ReadAllBytes(tokenizerJsonPath));
        }
        catch (InvalidDataException error)
        {
            throw new InvalidDataException($"{tokenizerJsonPath}: {error.Message}", error);
        }
    }

    /// <summary>Reads the bytes of a Hugging Face tokenizer.json.</summary>
    /// <exception cref="InvalidDataException">They are not one, or not of a byte-level BPE tokenizer.</exception>
    public static BpeTokenizer FromJson(ReadOnlySpan<byte> json) => TokenizerJson.Read(json) as BpeTokenizer
        ?? throw new InvalidDataException("this tokenizer.json is not of a byte-level BPE tokenizer; use one that is.");

    /// <summary>Takes the vocabulary of a GGUF file with tokenizer.ggml.model "gpt2".</summary>
    /// <param name="tokens">tokenizer.ggml.tokens.</param>
    /// <param name="merges">tokenizer.ggml.merges.</param>
    /// <param name="tokenTypes">tokenizer.ggml.token_type; may be empty.</param>
    /// <param name="pre">tokenizer.ggml.pre.</param>
    /// <exception cref="InvalidDataException">The vocabulary is inconsistent or its pre-tokenizer is not supported.</exception>
    public static BpeTokenizer FromGgufVocabulary(
        IReadOnlyList<string> tokens, IReadOnlyList<string> merges, IReadOnlyList<int> tokenTypes, string pre) =>
        (BpeTokenizer)new GgufTokenizer { Model = "gpt2", Pre = pre, Tokens = tokens, Merges = merges, TokenTypes = tokenTypes, AddsBegin = false }.Read();

    /// <summary>A Hugging Face tokenizer.json; equal tokenizers give equal bytes.</summary>
    public byte[] ToJson() => _source ?? TokenizerJsonWriter.Write(_vocabulary);

    public override int[] Encode(string text)
    {
        var ids = new List<int>((text.Length / 3) + 4);
        EncodeOrdinary(text, ids);
        return [.. ids];
    }

    public override int[] Encode(ReadOnlySpan<byte> utf8) => EncodeBytes(utf8);

    public override ReadOnlySpan<byte> TokenBytes(int id) => (uint)id < (uint)_vocabulary.Bytes.Length
        ? _vocabulary.Bytes[id]
        : throw new ArgumentOutOfRangeException(nameof(id), id, $"The vocabulary has ids 0 to {VocabularySize - 1}.");

    private protected override void EncodeByte(byte value, List<int> ids)
    {
        if (_vocabulary.ByteIds[value] < VocabularySize)
            ids.Add(_vocabulary.ByteIds[value]);
    }

    private protected override void EncodeFragment(ReadOnlySpan<char> text, bool isFirst, List<int> ids)
    {
        if (Normalizer is not null)
            text = Normalizer.Apply(WordSplitter.IsWellFormed(text) ? text.ToString() : WordSplitter.WellFormed(text), isFirst);
        if (_vocabulary.Pattern.Whole is { } stage)
            EncodeWords(stage, WordSplitter.IsWellFormed(text) ? text : WordSplitter.WellFormed(text), ids);
        else
            WordSplitter.Split(_vocabulary.Pattern, text, word => AppendWord(word, ids));
    }

    // First the words of a block are cut, then their ids are looked up: the two do not wait for each other's branches and loads.
    private void EncodeWords(SplitStage stage, ReadOnlySpan<char> text, List<int> ids)
    {
        Span<WordKey> keys = stackalloc WordKey[WordBlock];
        Span<int> lengths = stackalloc int[WordBlock];
        while (!text.IsEmpty)
        {
            var count = Cut(stage, text, keys, lengths);
            var (at, written) = (0, Reserve(ids));
            var room = CollectionsMarshal.AsSpan(ids);
            for (var word = 0; word < count; word++)
            {
                var found = _shortWords.Find(keys[word], room[written..]);
                if (found == 0)
                {
                    CollectionsMarshal.SetCount(ids, written);
                    EncodeWord(text[at..], lengths[word], ids);
                    written = Reserve(ids);
                    room = CollectionsMarshal.AsSpan(ids);
                }

                written += found;
                at += lengths[word];
            }

            CollectionsMarshal.SetCount(ids, written);
            text = text[at..];
        }
    }

    // Room for the ids of a block of known words; returns how many ids there are.
    private static int Reserve(List<int> ids)
    {
        var written = ids.Count;
        CollectionsMarshal.SetCount(ids, written + (WordBlock * ShortWords.MostIds));
        return written;
    }

    private static int Cut(SplitStage stage, ReadOnlySpan<char> text, Span<WordKey> keys, Span<int> lengths)
    {
        var count = 0;
        for (; count < lengths.Length && !text.IsEmpty; count++)
        {
            var (length, key) = (0, default(WordKey));
            if (text.Length >= AsciiWordScan.Width)
            {
                var bytes = AsciiWordScan.Load(text);
                length = AsciiWordScan.Length(stage.Words, bytes);
                key = WordKey.OfAscii(bytes, length);
            }

            if (length == 0)
            {
                length = stage.Match(text, 0);
                WordKey.TryCreate(text, length, out key);
            }

            (keys[count], lengths[count]) = (key, length);
            text = text[length..];
        }

        return count;
    }

    private protected override void EncodeOrdinary(ReadOnlySpan<char> text, List<int> ids)
    {
        if (_hasOrdinaryAdded)
            EncodeFragments(text, [], ids);
        else if (!text.IsEmpty)
            EncodeFragment(text, true, ids);
    }

    private void EncodeWord(ReadOnlySpan<char> text, int length, List<int> ids)
    {
        if (!WordKey.TryCreate(text, length, out var key))
            EncodeLong(text[..length], ids);
        else if (MergeWord(text[..length], ids) is { Length: > 0 and <= ShortWords.MostIds } found)
            _shortWords.Store(key, found);
    }

    private void AppendWord(ReadOnlySpan<char> word, List<int> ids)
    {
        Span<int> found = stackalloc int[ShortWords.MostIds];
        if (WordKey.TryCreate(word, word.Length, out var key) && _shortWords.Find(key, found) is > 0 and var count)
            ids.AddRange(found[..count]);
        else
            EncodeWord(word, word.Length, ids);
    }

    private void EncodeLong(ReadOnlySpan<char> word, List<int> ids)
    {
        if (_longWords.Find(word, out var slot) is { } known)
            ids.AddRange(known.AsSpan());
        else
            _longWords.Store(slot, word, MergeWord(word, ids));
    }

    private Span<int> MergeWord(ReadOnlySpan<char> word, List<int> ids)
    {
        Span<byte> bytes = word.Length <= WordCache.LongestWord ? stackalloc byte[3 * WordCache.LongestWord] : new byte[3 * word.Length];
        bytes = bytes[..Encoding.UTF8.GetBytes(word, bytes)];
        var start = ids.Count;
        if (_vocabulary.IgnoreMerges && _vocabulary.TryGetWord(bytes, out var whole))
        {
            ids.Add(whole);
            return CollectionsMarshal.AsSpan(ids)[start..];
        }

        CollectionsMarshal.SetCount(ids, start + bytes.Length);
        var merged = CollectionsMarshal.AsSpan(ids)[start..];
        for (var i = 0; i < bytes.Length; i++)
            merged[i] = _vocabulary.ByteIds[bytes[i]];
        merged = merged[..PairMerger.Merge(merged, _vocabulary.Table)];
        merged = merged[..DropUnknown(merged)];
        CollectionsMarshal.SetCount(ids, start + merged.Length);
        return merged;
    }

    // A byte that has no token stands as the number of tokens.
    private int DropUnknown(Span<int> ids)
    {
        var kept = ids.IndexOf(VocabularySize);
        if (kept < 0)
            return ids.Length;
        foreach (var id in ids[kept..])
        {
            if (id != VocabularySize)
                ids[kept++] = id;
        }

        return kept;
    }
}
