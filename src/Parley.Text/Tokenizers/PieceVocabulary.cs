using System.Globalization;
using System.Text;

namespace Parley.Text;

/// <summary>
/// The pieces of a SentencePiece vocabulary and which two of them merge in which order: by score (GGUF "llama") or by a list of
/// merges (Hugging Face, Gemma 4). A symbol is a piece, or a text that merges go through without it being one; characters
/// that are in neither become bytes.
/// </summary>
internal sealed class PieceVocabulary
{
    public const char Space = '\u2581';

    private const int LongestPiece = 1024;
    private const int UnknownRune = 0x4000_0000; // plus the rune: a symbol that merges with nothing

    private readonly Dictionary<string, int> _symbols = new(StringComparer.Ordinal);
    private readonly Dictionary<int, int> _symbolOfRune = [];
    private readonly List<string> _extras = [];
    private readonly int[] _byteIds = new int[256];

    /// <exception cref="InvalidDataException">A piece repeats or is too long, or a byte piece is not written as one.</exception>
    public PieceVocabulary(IReadOnlyList<string> tokens, IReadOnlyList<GgufTokenType> types, IReadOnlyList<AddedToken> added, int? unknown, bool fusesUnknown = false)
    {
        (Tokens, Types, Added, Unknown, FusesUnknown) = (tokens, types, added, unknown, fusesUnknown);
        Special = SpecialTokens.Of(added);
        Array.Fill(_byteIds, -1);
        Bytes = new byte[tokens.Count][];
        for (var id = 0; id < tokens.Count; id++)
            AddPiece(id);
    }

    public IReadOnlyList<string> Tokens { get; }

    public IReadOnlyList<GgufTokenType> Types { get; }

    public IReadOnlyList<AddedToken> Added { get; }

    public SpecialTokens Special { get; }

    /// <summary>Stands for a character that has neither piece nor bytes; null: it is dropped.</summary>
    public int? Unknown { get; }

    /// <summary>Neighbouring unknown characters are one token.</summary>
    public bool FusesUnknown { get; }

    /// <summary>By id: the bytes a token stands for.</summary>
    public byte[][] Bytes { get; }

    public MergeTable Table { get; private set; } = new(0);

    /// <summary>True when some piece goes on after a space: then a text cannot be cut into words before it is merged.</summary>
    public bool CrossesSpaces { get; private set; }

    /// <summary>Of two pieces that make a third the one of the highest score merges first.</summary>
    public void AddScores(IReadOnlyList<float> scores)
    {
        var ranks = scores.Distinct().OrderDescending().Select((score, rank) => (score, rank)).ToDictionary(pair => pair.score, pair => pair.rank);
        var merges = new List<(int, int, int, int)>(4 * Tokens.Count);
        var symbols = _symbols.GetAlternateLookup<ReadOnlySpan<char>>();
        foreach (var (text, id) in _symbols.ToArray())
        {
            foreach (var rune in text.EnumerateRunes())
                Symbol(rune.ToString());
            var rank = scores.Count > 0 ? ranks[scores[id]] : 0;
            for (var cut = 1; cut < text.Length; cut++)
            {
                if (symbols.TryGetValue(text.AsSpan(0, cut), out var left) && symbols.TryGetValue(text.AsSpan(cut), out var right))
                    merges.Add((left, right, rank, id));
            }
        }

        Build(merges);
    }

    /// <summary>Merges in order of rank.</summary>
    /// <param name="merges">Pairs of texts.</param>
    /// <param name="strict">Every text must be a piece; otherwise others are gone through, as llama.cpp does.</param>
    /// <exception cref="InvalidDataException">A merge names a text that is not a piece.</exception>
    public void AddMerges(IReadOnlyList<(string Left, string Right)> merges, bool strict)
    {
        var built = new List<(int, int, int, int)>(merges.Count);
        for (var rank = 0; rank < merges.Count; rank++)
        {
            var (left, right) = merges[rank];
            if (strict && !(_symbols.ContainsKey(left) && _symbols.ContainsKey(right) && _symbols.ContainsKey(left + right)))
                throw new InvalidDataException($"merge {rank} ('{left} {right}') names a token that is not in the vocabulary");
            if (left.Length + right.Length > LongestPiece)
                throw new InvalidDataException($"merge {rank} makes {left.Length + right.Length} characters; at most {LongestPiece} are taken");
            built.Add((Symbol(left), Symbol(right), rank, Symbol(left + right)));
        }

        Build(built);
    }

    public int SymbolOf(Rune rune) => _symbolOfRune.TryGetValue(rune.Value, out var symbol) ? symbol : UnknownRune + rune.Value;

    public bool TryGetPiece(ReadOnlySpan<char> text, out int id) =>
        _symbols.GetAlternateLookup<ReadOnlySpan<char>>().TryGetValue(text, out id) && id < Tokens.Count;

    /// <summary>Writes the ids of a symbol: itself, or those of its bytes.</summary>
    public void Append(int symbol, List<int> ids)
    {
        if (symbol < Tokens.Count)
        {
            ids.Add(symbol);
            return;
        }

        var text = symbol >= UnknownRune ? new Rune(symbol - UnknownRune).ToString() : _extras[symbol - Tokens.Count];
        foreach (var value in Encoding.UTF8.GetBytes(text))
        {
            if (_byteIds[value] < 0)
            {
                AppendUnknown(ids);
                return;
            }
        }

        foreach (var value in Encoding.UTF8.GetBytes(text))
            ids.Add(_byteIds[value]);
    }

    public void AppendByte(byte value, List<int> ids)
    {
        if (_byteIds[value] >= 0)
            ids.Add(_byteIds[value]);
        else
            AppendUnknown(ids);
    }

    private void AppendUnknown(List<int> ids)
    {
        if (Unknown is { } unknown && !(FusesUnknown && ids.Count > 0 && ids[^1] == unknown))
            ids.Add(unknown);
    }

    private void AddPiece(int id)
    {
        var (text, type) = (Tokens[id], Types[id]);
        var isControl = Special.IsSpecial(id);
        Bytes[id] = isControl || type == GgufTokenType.Unused ? []
            : type == GgufTokenType.Byte ? [ByteOf(text, id)]
            : Encoding.UTF8.GetBytes(type == GgufTokenType.UserDefined ? text : text.Replace(Space, ' '));
        if (type == GgufTokenType.Byte)
            _byteIds[Bytes[id][0]] = id;
        if (isControl || type == GgufTokenType.Byte || text.Length == 0)
            return;
        if (text.Length > LongestPiece)
            throw new InvalidDataException($"the token {id} has {text.Length} characters; at most {LongestPiece} are taken");
        if (!_symbols.TryAdd(text, id))
            throw new InvalidDataException($"the token '{text}' has two ids, {_symbols[text]} and {id}");
        Remember(text, id);
    }

    private static byte ByteOf(string text, int id) =>
        text is ['<', '0', 'x', _, _, '>'] && byte.TryParse(text.AsSpan(3, 2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var value)
            ? value
            : throw new InvalidDataException($"the byte token {id} is '{text}', not written like <0x0A>");

    private int Symbol(string text)
    {
        if (_symbols.TryGetValue(text, out var symbol))
            return symbol;
        symbol = Tokens.Count + _extras.Count;
        _extras.Add(text);
        _symbols.Add(text, symbol);
        Remember(text, symbol);
        return symbol;
    }

    private void Remember(string text, int symbol)
    {
        if (Rune.DecodeFromUtf16(text, out var rune, out var width) == System.Buffers.OperationStatus.Done && width == text.Length)
            _symbolOfRune[rune.Value] = symbol;
    }

    private void Build(List<(int Left, int Right, int Rank, int Result)> merges)
    {
        Table = new MergeTable(merges.Count);
        foreach (var (left, right, rank, result) in merges)
        {
            Table.Add(left, right, rank, result);
            var text = result < Tokens.Count ? Tokens[result] : _extras[result - Tokens.Count];
            CrossesSpaces |= text.AsSpan().TrimStart(Space).Contains(Space);
        }
    }
}
