using System.Text;

namespace Parley.Text;

/// <summary>
/// What defines a byte-level BPE tokenizer, checked and indexed: tokens in the GPT-2 byte alphabet, merges in order of
/// rank, added tokens, the split pattern. Knows nothing of files; every format reads into this and writes from it.
/// </summary>
internal sealed class BpeVocabulary
{
    private readonly Dictionary<string, int> _ids;
    private readonly Dictionary<string, int>.AlternateLookup<ReadOnlySpan<char>> _idsBySpan;
    private readonly (int Left, int Right)[] _merges;

    /// <exception cref="InvalidDataException">Tokens repeat, a byte has no token, or a merge names a token that is not there.</exception>
    public BpeVocabulary(
        IReadOnlyList<string> tokens, IReadOnlyList<string> merges, IReadOnlyList<AddedToken> added, SplitPattern pattern, bool ignoreMerges = false)
    {
        (Tokens, Added, Pattern, IgnoreMerges) = (tokens, added, pattern, ignoreMerges);
        Special = SpecialTokens.Of(added);
        var addedIds = added.Select(token => token.Id).ToHashSet();
        _ids = Index(tokens, addedIds);
        _idsBySpan = _ids.GetAlternateLookup<ReadOnlySpan<char>>();
        Bytes = [.. tokens.Select((token, id) => BytesOf(token, id, addedIds))];
        ByteIds = IndexBytes();
        _merges = new (int, int)[merges.Count];
        Table = IndexMerges(merges);
    }

    /// <summary>By id: byte-alphabet text, or the plain text of an added token; empty for an id that no text has.</summary>
    public IReadOnlyList<string> Tokens { get; }

    /// <summary>By rank, two tokens with a space between them.</summary>
    public IEnumerable<string> Merges => _merges.Select(merge => $"{Tokens[merge.Left]} {Tokens[merge.Right]}");

    public IReadOnlyList<AddedToken> Added { get; }

    /// <summary>The added tokens that are control tokens.</summary>
    public SpecialTokens Special { get; }

    public SplitPattern Pattern { get; }

    /// <summary>Llama 3's habit: a word that is a token as a whole is not merged up from its bytes.</summary>
    public bool IgnoreMerges { get; }

    /// <summary>By id: the bytes a token stands for; none for a control token.</summary>
    public byte[][] Bytes { get; }

    /// <summary>By byte value: the id of the token of that one byte; the number of tokens for a byte that has none and is dropped.</summary>
    public int[] ByteIds { get; }

    public MergeTable Table { get; }

    public bool TryGetWord(ReadOnlySpan<byte> word, out int id)
    {
        Span<char> text = word.Length <= 256 ? stackalloc char[word.Length] : new char[word.Length];
        ByteAlphabet.Write(word, text);
        return _idsBySpan.TryGetValue(text, out id);
    }

    private static Dictionary<string, int> Index(IReadOnlyList<string> tokens, HashSet<int> added)
    {
        var ids = new Dictionary<string, int>(tokens.Count, StringComparer.Ordinal);
        for (var id = 0; id < tokens.Count; id++)
        {
            if (tokens[id].Length > 0 && !added.Contains(id) && !ids.TryAdd(tokens[id], id))
                throw new InvalidDataException($"the token '{tokens[id]}' has two ids, {ids[tokens[id]]} and {id}");
        }

        return ids;
    }

    private byte[] BytesOf(string token, int id, HashSet<int> added) =>
        Special.IsSpecial(id) ? []
        : !added.Contains(id) && ByteAlphabet.TryRead(token, out var bytes) ? bytes
        : Encoding.UTF8.GetBytes(token);

    // Vocabularies lack a few bytes that their training never saw; one that lacks most is of another kind.
    private int[] IndexBytes()
    {
        int[] ids = [.. Enumerable.Range(0, 256).Select(value => _ids.TryGetValue(ByteAlphabet.Write([(byte)value]), out var id) ? id : Tokens.Count)];
        return ids.Count(id => id < Tokens.Count) > 128
            ? ids
            : throw new InvalidDataException($"byte 0x{Array.IndexOf(ids, Tokens.Count):X2} has no token, and most others have none, so this is not a byte-level vocabulary");
    }

    private MergeTable IndexMerges(IReadOnlyList<string> merges)
    {
        var table = new MergeTable(merges.Count);
        Span<char> joined = stackalloc char[256];
        for (var rank = 0; rank < merges.Count; rank++)
        {
            var merge = merges[rank].AsSpan();
            var space = merge.IndexOf(' ');
            if (space <= 0 || space == merge.Length - 1)
                throw new InvalidDataException($"the merge '{merges[rank]}' (number {rank}) is not two tokens with a space between them");
            var whole = merge.Length <= joined.Length ? joined[..(merge.Length - 1)] : new char[merge.Length - 1];
            merge[..space].CopyTo(whole);
            merge[(space + 1)..].CopyTo(whole[space..]);
            if (!_idsBySpan.TryGetValue(merge[..space], out var left) || !_idsBySpan.TryGetValue(merge[(space + 1)..], out var right) ||
                !_idsBySpan.TryGetValue(whole, out var id))
            {
                throw new InvalidDataException($"merge {rank} ('{merges[rank]}') names a token that is not in the vocabulary");
            }

            _merges[rank] = (left, right);
            table.Add(left, right, rank, id);
        }

        return table;
    }
}
