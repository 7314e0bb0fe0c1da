using System.Buffers;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Unicode;

namespace Parley.Text;

/// <summary>
/// SentencePiece's BPE: spaces become '▁', characters are merged to pieces, and a character without a piece becomes its bytes.
/// Where no piece goes over a space, a text is merged word by word, with a cache of words; otherwise as a whole.
/// </summary>
public sealed class SentencePieceTokenizer : Tokenizer
{
    private readonly PieceVocabulary _vocabulary;
    private readonly PieceSpaces _spaces;
    private readonly TextNormalizer? _normalizer;
    private readonly bool _ignoresMerges;
    private readonly WordCache _words = new();
    private readonly Lazy<string> _hash;

    internal SentencePieceTokenizer(
        PieceVocabulary vocabulary, TokenizerHabits habits, PieceSpaces spaces, TextNormalizer? normalizer = null, bool ignoresMerges = false, byte[]? source = null)
    {
        (_vocabulary, Habits, _spaces, _normalizer, _ignoresMerges) = (vocabulary, habits, spaces, normalizer, ignoresMerges);
        _hash = new(() => source is null
            ? TokenizerHash.Of($"{spaces}", habits, vocabulary.Tokens, vocabulary.Types, vocabulary.Table.Content)
            : TokenizerHash.Of(source));
    }

    public override int VocabularySize => _vocabulary.Tokens.Count;

    public override SpecialTokens Special => _vocabulary.Special;

    public override string Hash => _hash.Value;

    private protected override TokenizerHabits Habits { get; }

    private protected override IEnumerable<AddedToken> AddedTokens => _vocabulary.Added;

    public override int[] Encode(string text)
    {
        var ids = new List<int>((text.Length / 3) + 4);
        EncodeFragments(text, [], ids);
        return [.. ids];
    }

    public override int[] Encode(ReadOnlySpan<byte> utf8) => EncodeBytes(utf8);

    public override ReadOnlySpan<byte> TokenBytes(int id) => (uint)id < (uint)_vocabulary.Bytes.Length
        ? _vocabulary.Bytes[id]
        : throw new ArgumentOutOfRangeException(nameof(id), id, $"The vocabulary has ids 0 to {VocabularySize - 1}.");

    private protected override void EncodeByte(byte value, List<int> ids) => _vocabulary.AppendByte(value, ids);

    private protected override void EncodeFragment(ReadOnlySpan<char> text, bool isFirst, List<int> ids)
    {
        var whole = WordSplitter.IsWellFormed(text) ? text.ToString() : WordSplitter.WellFormed(text);
        if (_normalizer is not null)
            whole = _normalizer.Apply(whole, isFirst);
        if (whole.Length == 0)
            return;
        var pieces = _spaces.Apply(whole, isFirst).AsSpan();
        while (!pieces.IsEmpty)
        {
            var end = EndOfWord(pieces);
            EncodeWord(pieces[..end], ids);
            pieces = pieces[end..];
        }
    }

    private int EndOfWord(ReadOnlySpan<char> pieces)
    {
        var end = pieces.Length;
        if (_spaces.CutsLines)
            end = pieces[0] == '\n' ? pieces.IndexOfAnyExcept('\n') : pieces.IndexOf('\n');
        if (end < 0)
            end = pieces.Length;
        if (_vocabulary.CrossesSpaces && !_spaces.CutsEverySpace)
            return end;
        var from = _spaces.CutsEverySpace ? 1 : pieces[..end].IndexOfAnyExcept(PieceVocabulary.Space);
        var space = from < 0 ? -1 : pieces[from..end].IndexOf(PieceVocabulary.Space);
        return space < 0 ? end : from + space;
    }

    private void EncodeWord(ReadOnlySpan<char> word, List<int> ids)
    {
        if (_words.Find(word, out var slot) is { } known)
        {
            ids.AddRange(known.AsSpan());
            return;
        }

        var start = ids.Count;
        if ((_ignoresMerges || (_spaces.CutsLines && word[0] == '\n')) && _vocabulary.TryGetPiece(word, out var whole))
            ids.Add(whole);
        else
            MergeWord(word, ids);
        if (!_vocabulary.FusesUnknown && word.Length <= WordCache.LongestWord)
            _words.Store(slot, word, CollectionsMarshal.AsSpan(ids)[start..]);
    }

    private void MergeWord(ReadOnlySpan<char> word, List<int> ids)
    {
        var symbols = new int[word.Length];
        var count = 0;
        foreach (var rune in word.EnumerateRunes())
            symbols[count++] = _vocabulary.SymbolOf(rune);
        count = PairMerger.Merge(symbols.AsSpan(0, count), _vocabulary.Table);
        foreach (var symbol in symbols.AsSpan(0, count))
            _vocabulary.Append(symbol, ids);
    }
}
