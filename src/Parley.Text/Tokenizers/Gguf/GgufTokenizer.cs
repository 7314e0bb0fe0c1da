namespace Parley.Text;

/// <summary>
/// The tokenizer.ggml.* keys of a GGUF file, and the tokenizer they make: what llama.cpp would make of them
/// (llama_vocab::impl::load), its defaults included. Format: ggml/docs/gguf.md. Knows no file.
/// </summary>
public sealed record GgufTokenizer
{
    /// <summary>"llama" (SentencePiece), "gpt2" (byte-level BPE), "bert" (WordPiece) or "gemma4" (BPE over characters).</summary>
    public required string Model { get; init; }

    /// <summary>The name of the split pattern of a "gpt2" vocabulary; null counts as "default".</summary>
    public string? Pre { get; init; }

    public required IReadOnlyList<string> Tokens { get; init; }

    /// <summary>By id; none: every token is an ordinary one.</summary>
    public IReadOnlyList<int> TokenTypes { get; init; } = [];

    /// <summary>By rank, for BPE.</summary>
    public IReadOnlyList<string> Merges { get; init; } = [];

    /// <summary>By id, for SentencePiece.</summary>
    public IReadOnlyList<float> Scores { get; init; } = [];

    public int? BeginId { get; init; }

    public int? EndId { get; init; }

    public int? UnknownId { get; init; }

    public int? SeparatorId { get; init; }

    /// <summary>add_bos_token; null: as the kind of vocabulary has it.</summary>
    public bool? AddsBegin { get; init; }

    /// <summary>add_eos_token.</summary>
    public bool? AddsEnd { get; init; }

    /// <summary>add_space_prefix.</summary>
    public bool? AddsSpace { get; init; }

    /// <summary>normalizer.lowercase of WordPiece.</summary>
    public bool Lowercases { get; init; } = true;

    /// <summary>normalizer.strip_accents of WordPiece; null: where it lowercases.</summary>
    public bool? StripsAccents { get; init; }

    /// <summary>general.name: llama.cpp knows Phi-3 by it, whose control tokens swallow the white space behind them.</summary>
    public string Name { get; init; } = "";

    /// <exception cref="InvalidDataException">The vocabulary is inconsistent, or of a kind that is not supported.</exception>
    public Tokenizer Read()
    {
        CheckLengths();
        return Model switch
        {
            "gpt2" => ReadBytePairs(),
            "llama" or "gemma4" => ReadPieces(),
            "bert" => ReadWordPieces(),
            _ => throw new InvalidDataException(
                $"a \"{Model}\" vocabulary is not supported; use a model with \"gpt2\" (byte-level BPE), \"llama\" (SentencePiece), \"gemma4\" or \"bert\" (WordPiece)"),
        };
    }

    private BpeTokenizer ReadBytePairs()
    {
        var pre = FindPreTokenizer();
        var habits = Around(AddsBegin ?? pre.AddsBegin, AddsEnd ?? false) with { CleansSpaces = pre.CleansSpaces };
        return new BpeTokenizer(new BpeVocabulary(Tokens, Merges, GgufAddedTokens.Of(this), pre.Pattern, pre.IgnoresMerges), habits);
    }

    private SentencePieceTokenizer ReadPieces()
    {
        var gemma4 = Model == "gemma4";
        var added = GgufAddedTokens.Of(this);
        var pieces = new PieceVocabulary(Tokens, [.. Enumerable.Range(0, Tokens.Count).Select(TypeOf)], added, UnknownId ?? (gemma4 ? null : 0));
        if (gemma4)
            pieces.AddMerges([.. Merges.Select(SplitMerge)], strict: false);
        else
            pieces.AddScores(Scores);
        var addsSpace = AddsSpace ?? !gemma4;
        var habits = Around(gemma4 || (AddsBegin ?? true), AddsEnd ?? false, gemma4 ? null : 1, gemma4 ? null : 2)
            with { AddsSpace = addsSpace, AddsSpaceInLlamaCpp = addsSpace, CleansSpaces = gemma4 };
        return new SentencePieceTokenizer(pieces, habits, new PieceSpaces { Prefix = addsSpace ? SpacePrefix.Always : SpacePrefix.Never, CutsLines = gemma4 });
    }

    private WordPieceTokenizer ReadWordPieces()
    {
        var habits = new TokenizerHabits { Prefix = [Checked(BeginId ?? 101)], Suffix = [Checked(SeparatorId ?? 102)], CleansSpaces = true, AddsSpace = true };
        var cleaner = new BertCleaner { Lowercases = Lowercases, StripsAccents = StripsAccents ?? Lowercases, AsLlamaCpp = true };
        return new WordPieceTokenizer(Tokens, GgufAddedTokens.Of(this), Checked(UnknownId ?? 100), cleaner, '\u2581', habits);
    }

    internal GgufTokenType TypeOf(int id) => TokenTypes.Count == 0 ? GgufTokenType.Normal : (GgufTokenType)TokenTypes[id];

    private GgufPreTokenizer FindPreTokenizer()
    {
        try
        {
            return GgufPreTokenizer.Find(Pre ?? "default");
        }
        catch (ArgumentException error)
        {
            throw new InvalidDataException(error.Message, error);
        }
    }

    private TokenizerHabits Around(bool addsBegin, bool addsEnd, int? begin = null, int? end = null) => new()
    {
        Prefix = addsBegin && (BeginId ?? begin) is { } first ? [Checked(first)] : [],
        Suffix = addsEnd && (EndId ?? end) is { } last ? [Checked(last)] : [],
    };

    private int Checked(int id) => (uint)id < (uint)Tokens.Count ? id : throw new InvalidDataException($"the vocabulary of {Tokens.Count} tokens lacks the special token {id}");

    private void CheckLengths()
    {
        if (Tokens.Count == 0)
            throw new InvalidDataException("the vocabulary has no tokens");
        if (TokenTypes.Count != 0 && TokenTypes.Count < Tokens.Count)
            throw new InvalidDataException($"there are {Tokens.Count} tokens and only {TokenTypes.Count} token types");
        if (Scores.Count != 0 && Scores.Count < Tokens.Count)
            throw new InvalidDataException($"there are {Tokens.Count} tokens and only {Scores.Count} scores");
    }

    private static (string Left, string Right) SplitMerge(string merge)
    {
        var space = merge.Length > 1 ? merge.IndexOf(' ', 1) : -1;
        return space > 0 && space < merge.Length - 1
            ? (merge[..space], merge[(space + 1)..])
            : throw new InvalidDataException($"the merge '{merge}' is not two tokens with a space between them");
    }
}
