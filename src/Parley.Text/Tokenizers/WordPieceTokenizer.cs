using System.Text;

namespace Parley.Text;

/// <summary>
/// BERT's WordPiece: cleaned words, each cut greedily into the longest pieces; a word that cannot be cut is one unknown token. It
/// loses case, accents and spaces, so what it decodes is only like the text: it is for embeddings.
/// </summary>
public sealed class WordPieceTokenizer : Tokenizer
{
    private readonly IReadOnlyList<string> _tokens;
    private readonly IReadOnlyList<AddedToken> _added;
    private readonly BertCleaner _cleaner;
    private readonly char _mark;
    private readonly int _unknown;
    private readonly int _longestWord;
    private readonly byte[][] _bytes;
    private readonly Dictionary<string, int> _pieces = new(StringComparer.Ordinal);
    private readonly Dictionary<string, int>.AlternateLookup<ReadOnlySpan<char>> _piecesBySpan;
    private readonly int _longestPiece;
    private readonly Lazy<string> _hash;

    /// <param name="tokens">By id; a piece that begins a word has the mark before it. Empty for an id that no text has.</param>
    /// <param name="added">Control tokens and others that are looked for in the text.</param>
    /// <param name="unknown">For words that cannot be cut.</param>
    /// <param name="cleaner">Text to words.</param>
    /// <param name="mark">llama.cpp's '▁', or a character that no cleaned word holds.</param>
    /// <param name="habits">[CLS] and [SEP].</param>
    /// <param name="longestWord">A longer word is unknown.</param>
    internal WordPieceTokenizer(
        IReadOnlyList<string> tokens, IReadOnlyList<AddedToken> added, int unknown, BertCleaner cleaner, char mark, TokenizerHabits habits, int longestWord = int.MaxValue)
    {
        (_tokens, _added, _unknown, _cleaner, _mark, Habits, _longestWord) = (tokens, added, unknown, cleaner, mark, habits, longestWord);
        Special = SpecialTokens.Of(added);
        var addedIds = added.Select(token => token.Id).ToHashSet();
        _bytes = [.. tokens.Select((token, id) => Special.IsSpecial(id) ? [] : Encoding.UTF8.GetBytes(addedIds.Contains(id) ? token : token.Replace(mark, ' ')))];
        for (var id = 0; id < tokens.Count; id++)
        {
            if (tokens[id].Length > 0 && !addedIds.Contains(id) && !_pieces.TryAdd(tokens[id], id))
                throw new InvalidDataException($"the token '{tokens[id]}' has two ids, {_pieces[tokens[id]]} and {id}");
        }

        _piecesBySpan = _pieces.GetAlternateLookup<ReadOnlySpan<char>>();
        _longestPiece = _pieces.Keys.Select(piece => piece.Length).DefaultIfEmpty(0).Max();
        _hash = new(() => TokenizerHash.Of($"{cleaner} {(int)mark} {unknown} {longestWord}", habits, tokens, added.Select(token => (GgufTokenType)token.Id), []));
    }

    public override int VocabularySize => _tokens.Count;

    public override SpecialTokens Special { get; }

    public override string Hash => _hash.Value;

    private protected override TokenizerHabits Habits { get; }

    private protected override IEnumerable<AddedToken> AddedTokens => _added;

    public override int[] Encode(string text)
    {
        var ids = new List<int>((text.Length / 3) + 4);
        EncodeFragments(text, [], ids);
        return [.. ids];
    }

    /// <summary>Bytes that are not text count as U+FFFD, which is dropped.</summary>
    public override int[] Encode(ReadOnlySpan<byte> utf8) => Encode(Encoding.UTF8.GetString(utf8));

    public override ReadOnlySpan<byte> TokenBytes(int id) => (uint)id < (uint)_bytes.Length
        ? _bytes[id]
        : throw new ArgumentOutOfRangeException(nameof(id), id, $"The vocabulary has ids 0 to {VocabularySize - 1}.");

    private protected override void EncodeFragment(ReadOnlySpan<char> text, bool isFirst, List<int> ids)
    {
        foreach (var word in _cleaner.Words(text.ToString()))
            EncodeWord(_mark + word, ids);
    }

    private void EncodeWord(ReadOnlySpan<char> word, List<int> ids)
    {
        var (start, id) = (ids.Count, _unknown);
        for (var at = 0; at < word.Length;)
        {
            var length = word.Length - 1 > _longestWord ? 0 : LongestPiece(word[at..], out id);
            if (length == 0)
            {
                ids.RemoveRange(start, ids.Count - start);
                ids.Add(_unknown);
                return;
            }

            ids.Add(id);
            at += length;
        }
    }

    private int LongestPiece(ReadOnlySpan<char> rest, out int id)
    {
        id = 0;
        var length = Math.Min(rest.Length, _longestPiece);
        while (length > 0 && !_piecesBySpan.TryGetValue(rest[..length], out id))
            length--;
        return length;
    }
}
