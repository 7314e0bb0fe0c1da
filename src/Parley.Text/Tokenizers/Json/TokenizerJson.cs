using System.Text.Json;

namespace Parley.Text;

/// <summary>
/// Hugging Face's tokenizer.json: byte-level BPE, SentencePiece's BPE and WordPiece, with the normalizers, pre-tokenizers and
/// post-processors of those families. Format: the serialisation of huggingface/tokenizers 0.15 and later. What is not known is
/// refused by name and place.
/// </summary>
internal static class TokenizerJson
{
    private const int LongestMessage = 1000;

    /// <exception cref="InvalidDataException">It is not one, or has parts that are not supported.</exception>
    public static Tokenizer Read(ReadOnlySpan<byte> json)
    {
        var source = json.ToArray();
        try
        {
            using var document = JsonDocument.Parse(source);
            return Read(new JsonPart(document.RootElement, ""), source);
        }
        catch (InvalidDataException error) when (error.Message != OneLine(error.Message))
        {
            throw new InvalidDataException(OneLine(error.Message), error);
        }
        catch (Exception error) when (error is JsonException or InvalidOperationException or ArgumentException)
        {
            throw new InvalidDataException($"this is not a tokenizer.json that can be read ({OneLine(error.Message)}); export it again.", error);
        }
    }

    // A hostile file's own words may be a megabyte of control characters; what is told of them stays one readable line.
    private static string OneLine(string message) =>
        string.Concat((message.Length > LongestMessage ? message[..LongestMessage] + "..." : message).Select(sign => char.IsControl(sign) ? '?' : sign));

    public static byte[] Write(BpeVocabulary vocabulary) => TokenizerJsonWriter.Write(vocabulary);

    private static Tokenizer Read(JsonPart root, byte[] source)
    {
        var model = root.Get("model");
        var words = JsonSplits.Read(root);
        return model.Text("type", "BPE") switch
        {
            "BPE" when words.IsByteLevel => ReadBytePairs(root, model, words, source),
            "BPE" => ReadPieces(root, model, words, source),
            "WordPiece" => ReadWordPieces(root, model, words),
            var type => throw model.Error($"has the type '{type}', which is not supported; use a model with a BPE or WordPiece tokenizer"),
        };
    }

    private static BpeTokenizer ReadBytePairs(JsonPart root, JsonPart model, JsonSplits words, byte[] source)
    {
        RefuseOddities(model, byteLevel: true);
        var (tokens, added) = JsonVocabulary.Read(root, model);
        var normalizer = JsonNormalizers.Read(root, out var prefix, out var escapes);
        if (prefix != SpacePrefix.Never || escapes)
            root.Get("normalizer").Refuse("one of SentencePiece's before a byte-level vocabulary");
        var vocabulary = new BpeVocabulary(tokens, JsonVocabulary.Merges(model), added, SplitPattern.FromSteps(words.Steps), model.Flag("ignore_merges", false));
        var habits = JsonPostProcessor.Read(root);
        if (words.AddsSpace)
            normalizer = JsonNormalizers.Then(normalizer, (text, _) => text.Length == 0 || char.IsWhiteSpace(text[0]) ? text : ' ' + text);
        var isPlain = normalizer is null && habits.Prefix.Count + habits.Suffix.Count == 0 && words.Steps.All(step => step.IsPlain);
        return new BpeTokenizer(vocabulary, habits with { AddsSpace = words.AddsSpace }, normalizer, isPlain ? null : source);
    }

    private static SentencePieceTokenizer ReadPieces(JsonPart root, JsonPart model, JsonSplits words, byte[] source)
    {
        RefuseOddities(model, byteLevel: false);
        var (tokens, added) = JsonVocabulary.Read(root, model);
        var normalizer = JsonNormalizers.Read(root, out var prefix, out var escapes);
        if (!escapes && words.Pieces is null)
            throw root.Error("has a BPE model with neither ByteLevel nor Metaspace nor a normalizer that replaces spaces by '▁'; such tokenizers are not supported");
        var fallsBack = model.Flag("byte_fallback", false);
        var unknown = model.TryGet("unk_token", out var name) ? IndexOf(tokens, name) : (int?)null;
        var pieces = new PieceVocabulary(tokens, JsonVocabulary.Types(tokens, added, fallsBack), added, unknown, model.Flag("fuse_unk", false));
        pieces.AddMerges(JsonVocabulary.MergePairs(model), strict: true);
        var spaces = words.Pieces ?? new PieceSpaces { Prefix = prefix };
        var habits = JsonPostProcessor.Read(root) with { AddsSpace = spaces.Prefix != SpacePrefix.Never, AddsSpaceInLlamaCpp = spaces.Prefix != SpacePrefix.Never };
        return new SentencePieceTokenizer(pieces, habits, spaces, normalizer, model.Flag("ignore_merges", false), source);
    }

    private static WordPieceTokenizer ReadWordPieces(JsonPart root, JsonPart model, JsonSplits words)
    {
        if (!words.IsBert)
            throw root.Error("has a WordPiece model without BertPreTokenizer; such tokenizers are not supported");
        var (tokens, added) = JsonVocabulary.Read(root, model);
        var prefix = model.Text("continuing_subword_prefix", "##");
        var addedIds = added.Select(token => token.Id).ToHashSet();
        string[] marked = [.. tokens.Select((token, id) =>
            addedIds.Contains(id) ? token : token.StartsWith(prefix, StringComparison.Ordinal) ? token[prefix.Length..] : '\0' + token)];
        var unknown = IndexOf(tokens, model.TryGet("unk_token", out var name) ? name : throw model.Error("has no \"unk_token\""));
        return new WordPieceTokenizer(
            marked, added, unknown, JsonNormalizers.ReadBert(root), '\0', JsonPostProcessor.Read(root) with { AddsSpace = true }, model.Integer("max_input_chars_per_word", 100));
    }

    private static void RefuseOddities(JsonPart model, bool byteLevel)
    {
        foreach (var name in (string[])["continuing_subword_prefix", "end_of_word_suffix"])
        {
            if (model.Text(name, "").Length > 0)
                model.Get(name).Refuse($"'{model.Text(name)}'");
        }

        if (byteLevel && model.Flag("byte_fallback", false) is true && model.TryGet("unk_token", out var unknown))
            unknown.Refuse("set beside byte_fallback and ByteLevel");
    }

    private static int IndexOf(string[] tokens, JsonPart name) => Array.IndexOf(tokens, name.AsText()) is >= 0 and var id
        ? id
        : throw name.Error($"is '{name.AsText()}', which is not in the vocabulary");
}
