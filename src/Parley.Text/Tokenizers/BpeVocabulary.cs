using System.Collections.Frozen;

namespace Parley.Text;

/// <summary>
/// What defines a byte-level BPE tokenizer, checked and indexed: tokens in the GPT-2 byte alphabet, merges in order of
/// rank, special tokens, the split pattern. Knows nothing of files; every format reads into this and writes from it.
/// </summary>
internal sealed class BpeVocabulary
{
    private readonly FrozenDictionary<string, int> _ids;

    /// <exception cref="InvalidDataException">Tokens repeat, a byte has no token, or a merge names a token that is not there.</exception>
    public BpeVocabulary(
        IReadOnlyList<string> tokens,
        IReadOnlyList<(string Left, string Right)> merges,
        IReadOnlyDictionary<string, int> special,
        SplitPattern pattern,
        bool ignoreMerges = false)
    {
        (Tokens, Merges, Pattern, IgnoreMerges) = (tokens, merges, pattern, ignoreMerges);
        Special = new SpecialTokens(special);
        _ids = Index(tokens, Special);
        Bytes = [.. tokens.Select((token, id) => BytesOf(token, Special.IsSpecial(id)))];
        ByteIds = [.. Enumerable.Range(0, 256).Select(value => ByteId((byte)value))];
        Ranks = IndexMerges();
    }

    /// <summary>By id: byte-alphabet text, or the plain name of a special token.</summary>
    public IReadOnlyList<string> Tokens { get; }

    public IReadOnlyList<(string Left, string Right)> Merges { get; }

    public SpecialTokens Special { get; }

    public SplitPattern Pattern { get; }

    /// <summary>Llama 3's habit: a word that is a token as a whole is not merged up from its bytes.</summary>
    public bool IgnoreMerges { get; }

    /// <summary>By id: the bytes a token stands for.</summary>
    public byte[][] Bytes { get; }

    /// <summary>By byte value: the id of the token of that one byte.</summary>
    public int[] ByteIds { get; }

    /// <summary>By <see cref="Pair"/>: the merge's rank, lowest first, and the id of the result.</summary>
    public FrozenDictionary<long, (int Rank, int Id)> Ranks { get; }

    public static long Pair(int left, int right) => ((long)left << 32) | (uint)right;

    public bool TryGetWord(ReadOnlySpan<byte> word, out int id) => _ids.TryGetValue(ByteAlphabet.Write(word), out id);

    private static FrozenDictionary<string, int> Index(IReadOnlyList<string> tokens, SpecialTokens special)
    {
        var ids = new Dictionary<string, int>(tokens.Count, StringComparer.Ordinal);
        for (var id = 0; id < tokens.Count; id++)
        {
            if (!special.IsSpecial(id) && !ids.TryAdd(tokens[id], id))
                throw new InvalidDataException($"the token '{tokens[id]}' has two ids, {ids[tokens[id]]} and {id}");
        }

        return ids.ToFrozenDictionary(StringComparer.Ordinal);
    }

    private static byte[] BytesOf(string token, bool special)
    {
        if (special)
            return [];
        return ByteAlphabet.TryRead(token, out var bytes) ? bytes : System.Text.Encoding.UTF8.GetBytes(token);
    }

    private int ByteId(byte value) => _ids.TryGetValue(ByteAlphabet.Write([value]), out var id)
        ? id
        : throw new InvalidDataException($"byte 0x{value:X2} has no token, so this is not a byte-level vocabulary");

    private FrozenDictionary<long, (int, int)> IndexMerges()
    {
        var ranks = new Dictionary<long, (int, int)>(Merges.Count);
        for (var rank = 0; rank < Merges.Count; rank++)
        {
            var (left, right) = Merges[rank];
            if (!_ids.TryGetValue(left, out var leftId) || !_ids.TryGetValue(right, out var rightId) || !_ids.TryGetValue(left + right, out var id))
                throw new InvalidDataException($"merge {rank} ('{left} {right}') names a token that is not in the vocabulary");
            ranks.TryAdd(Pair(leftId, rightId), (rank, id));
        }

        return ranks.ToFrozenDictionary();
    }
}
