using System.Buffers;
using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
using System.Text.Unicode;

namespace Parley.Text;

/// <summary>
/// Byte-level BPE: text is cut into words, each word's UTF-8 bytes are merged by rank. Frequent words come from a bounded
/// cache shared by all threads. Files: <c>tokenizer.json</c> of Hugging Face, and the vocabulary arrays of GGUF.
/// </summary>
public sealed class BpeTokenizer : Tokenizer
{
    private const int LongestCachedWord = 48;
    private const int CacheCapacity = 1 << 17;

    private readonly BpeVocabulary _vocabulary;
    private readonly ConcurrentDictionary<string, int[]> _words = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, int[]>.AlternateLookup<ReadOnlySpan<char>> _wordsBySpan;
    private readonly Lazy<string> _hash;
    private int _cached;

    internal BpeTokenizer(BpeVocabulary vocabulary)
    {
        _vocabulary = vocabulary;
        _wordsBySpan = _words.GetAlternateLookup<ReadOnlySpan<char>>();
        _hash = new(() => Convert.ToHexStringLower(SHA256.HashData(ToJson())));
    }

    public override int VocabularySize => _vocabulary.Tokens.Count;

    public override SpecialTokens Special => _vocabulary.Special;

    public override string Hash => _hash.Value;

    public SplitPattern Pattern => _vocabulary.Pattern;

    /// <summary>By id, in the GPT-2 byte alphabet (special tokens by name): GGUF's tokenizer.ggml.tokens.</summary>
    public IReadOnlyList<string> Tokens => _vocabulary.Tokens;

    /// <summary>By rank, two tokens with a space between them: GGUF's tokenizer.ggml.merges.</summary>
    public IReadOnlyList<string> Merges => [.. _vocabulary.Merges.Select(merge => $"{merge.Left} {merge.Right}")];

    /// <summary>By id, 1 for ordinary tokens and 3 for control tokens: GGUF's tokenizer.ggml.token_type.</summary>
    public IReadOnlyList<int> TokenTypes =>
        [.. Enumerable.Range(0, VocabularySize).Select(id => Special.IsSpecial(id) ? GgufVocabulary.Control : GgufVocabulary.Normal)];

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
    public static BpeTokenizer FromJson(ReadOnlySpan<byte> json) => new(TokenizerJson.Read(json));

    /// <summary>Takes the vocabulary of a GGUF file with tokenizer.ggml.model "gpt2".</summary>
    /// <param name="tokens">tokenizer.ggml.tokens.</param>
    /// <param name="merges">tokenizer.ggml.merges.</param>
    /// <param name="tokenTypes">tokenizer.ggml.token_type; may be empty.</param>
    /// <param name="pre">tokenizer.ggml.pre.</param>
    /// <exception cref="InvalidDataException">The vocabulary is inconsistent or its pre-tokenizer is not supported.</exception>
    public static BpeTokenizer FromGgufVocabulary(
        IReadOnlyList<string> tokens, IReadOnlyList<string> merges, IReadOnlyList<int> tokenTypes, string pre) =>
        new(GgufVocabulary.Read(tokens, merges, tokenTypes, pre));

    /// <summary>A Hugging Face tokenizer.json; equal tokenizers give equal bytes.</summary>
    public byte[] ToJson() => TokenizerJson.Write(_vocabulary);

    public override int[] Encode(string text)
    {
        var ids = new List<int>(text.Length / 3 + 4);
        EncodeText(text, ids);
        return [.. ids];
    }

    public override int[] Encode(ReadOnlySpan<byte> utf8)
    {
        var ids = new List<int>(utf8.Length / 3 + 4);
        var chars = ArrayPool<char>.Shared.Rent(utf8.Length);
        while (!utf8.IsEmpty)
        {
            var status = Utf8.ToUtf16(utf8, chars, out var read, out var written, replaceInvalidSequences: false);
            EncodeText(chars.AsSpan(0, written), ids);
            utf8 = utf8[read..];
            if (status == OperationStatus.Done)
                continue;
            ids.Add(_vocabulary.ByteIds[utf8[0]]);
            utf8 = utf8[1..];
        }

        ArrayPool<char>.Shared.Return(chars);
        return [.. ids];
    }

    public override ReadOnlySpan<byte> TokenBytes(int id) => (uint)id < (uint)_vocabulary.Bytes.Length
        ? _vocabulary.Bytes[id]
        : throw new ArgumentOutOfRangeException(nameof(id), id, $"The vocabulary has ids 0 to {VocabularySize - 1}.");

    private void EncodeText(ReadOnlySpan<char> text, List<int> ids) =>
        WordSplitter.Split(_vocabulary.Pattern, text, word =>
        {
            if (_wordsBySpan.TryGetValue(word, out var known))
                ids.AddRange(known);
            else
                EncodeWord(word, ids);
        });

    private void EncodeWord(ReadOnlySpan<char> word, List<int> ids)
    {
        var bytes = new byte[Encoding.UTF8.GetByteCount(word)];
        Encoding.UTF8.GetBytes(word, bytes);
        var encoded = MergeWord(bytes);
        ids.AddRange(encoded);
        if (word.Length <= LongestCachedWord && _cached < CacheCapacity && _words.TryAdd(word.ToString(), encoded))
            Interlocked.Increment(ref _cached);
    }

    private int[] MergeWord(ReadOnlySpan<byte> bytes)
    {
        if (_vocabulary.IgnoreMerges && _vocabulary.TryGetWord(bytes, out var whole))
            return [whole];
        var ids = new int[bytes.Length];
        for (var i = 0; i < ids.Length; i++)
            ids[i] = _vocabulary.ByteIds[bytes[i]];
        return ids[..PairMerger.Merge(ids, _vocabulary.Ranks)];
    }
}
