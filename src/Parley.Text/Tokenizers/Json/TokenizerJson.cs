using System.Text.Json;

namespace Parley.Text;

/// <summary>
/// Hugging Face's tokenizer.json: byte-level BPE, SentencePiece's BPE and WordPiece, with the normalizers, pre-tokenizers and
/// post-processors of those families. Format: the serialisation of huggingface/tokenizers 0.15 and later. What is not known is
/// refused by name and place.
/// </summary>
internal sealed class TokenizerJson
{
    private readonly JsonPart _root;
    private readonly JsonPart _model;
    private readonly JsonSplits _splits;
    private readonly string[] _tokens;
    private readonly List<AddedToken> _added;
    private readonly TokenizerHabits _habits;
    private readonly byte[] _source;

    private TokenizerJson(JsonPart root, TokenizerConfig config, byte[] source)
    {
        (_root, _source) = (root, source);
        _model = root.Get("model");
        _splits = JsonSplits.Read(root);
        CheckModel();
        (_tokens, _added) = JsonVocabulary.Read(root, _model);
        _habits = config.Around(JsonPostProcessor.Read(root), _tokens);
        if (_habits.Prefix.Concat(_habits.Suffix).Cast<int?>().FirstOrDefault(id => id >= _tokens.Length) is { } id)
            throw root.Get("post_processor").Error($"names the id {id}, which is not in the vocabulary of {_tokens.Length} tokens");
    }

    private string ModelType => _model.Text("type", "BPE");

    /// <param name="json">The file.</param>
    /// <param name="config">What tokenizer_config.json says besides.</param>
    /// <param name="rows">Rows of the model's embedding table: added tokens behind them are left out, as if the file did not have them.</param>
    /// <exception cref="InvalidDataException">It is not one, or has parts that are not supported.</exception>
    public static Tokenizer Read(ReadOnlySpan<byte> json, TokenizerConfig? config = null, int rows = int.MaxValue)
    {
        var source = json.ToArray();
        try
        {
            using var document = JsonDocument.Parse(source);
            var root = new JsonPart(document.RootElement, "");
            return AddedTokenTrim.Within(rows, root) is { } trimmed ? Read(trimmed, config) : new TokenizerJson(root, config ?? new(), source).Read();
        }
        catch (InvalidDataException error) when (error.Message != ReadableLine.Of(error.Message))
        {
            throw new InvalidDataException(ReadableLine.Of(error.Message), error);
        }
        catch (Exception error) when (error is JsonException or InvalidOperationException or ArgumentException)
        {
            throw new InvalidDataException($"this is not a tokenizer.json that can be read ({ReadableLine.Of(error.Message)}); export it again.", error);
        }
    }

    private Tokenizer Read() => ModelType == "WordPiece" ? ReadWordPieces() : _splits.IsByteLevel ? ReadBytePairs() : ReadPieces();

    private BpeTokenizer ReadBytePairs()
    {
        var normalizer = JsonNormalizers.Read(_root, out var prefix, out var escapes);
        if (prefix != SpacePrefix.Never || escapes)
            _root.Get("normalizer").Refuse("one of SentencePiece's before a byte-level vocabulary");
        var vocabulary = new BpeVocabulary(_tokens, JsonVocabulary.Merges(_model), _added, SplitPattern.FromSteps(_splits.Steps), _model.Flag("ignore_merges", false));
        if (_splits.AddsSpace)
            normalizer = JsonNormalizers.Then(normalizer, (text, _) => text.Length == 0 || char.IsWhiteSpace(text[0]) ? text : ' ' + text);
        var isPlain = normalizer is null && _habits.Prefix.Count + _habits.Suffix.Count == 0 && _splits.Steps.All(step => step.IsPlain);
        return new BpeTokenizer(vocabulary, _habits with { AddsSpace = _splits.AddsSpace }, normalizer, isPlain ? null : _source);
    }

    private SentencePieceTokenizer ReadPieces()
    {
        var normalizer = JsonNormalizers.Read(_root, out var prefix, out var escapes);
        if (!escapes && _splits.Pieces is null)
            throw _root.Error("has a BPE model with neither ByteLevel nor Metaspace nor a normalizer that replaces spaces by '▁'; such tokenizers are not supported");
        var unknown = _model.TryGet("unk_token", out var name) ? IndexOf(name) : (int?)null;
        var types = JsonVocabulary.Types(_tokens, _added, _model.Flag("byte_fallback", false));
        var pieces = new PieceVocabulary(_tokens, types, _added, unknown, _model.Flag("fuse_unk", false));
        pieces.AddMerges(JsonVocabulary.MergePairs(_model), strict: true);
        var spaces = _splits.Pieces ?? new PieceSpaces { Prefix = prefix };
        var addsSpace = spaces.Prefix != SpacePrefix.Never;
        var habits = _habits with { AddsSpace = addsSpace, AddsSpaceInLlamaCpp = addsSpace };
        return new SentencePieceTokenizer(pieces, habits, spaces, normalizer, _model.Flag("ignore_merges", false), _source);
    }

    private WordPieceTokenizer ReadWordPieces()
    {
        if (!_splits.IsBert)
            throw _root.Error("has a WordPiece model without BertPreTokenizer; such tokenizers are not supported");
        var prefix = _model.Text("continuing_subword_prefix", "##");
        var added = _added.Select(token => token.Id).ToHashSet();
        string[] marked = [.. _tokens.Select((token, id) =>
            added.Contains(id) || token.Length == 0 ? token : token.StartsWith(prefix, StringComparison.Ordinal) ? token[prefix.Length..] : '\0' + token)];
        var unknown = IndexOf(_model.Get("unk_token"));
        return new WordPieceTokenizer(
            marked, _added, unknown, JsonNormalizers.ReadBert(_root), '\0', _habits with { AddsSpace = true }, _model.Integer("max_input_chars_per_word", 100));
    }

    private void CheckModel()
    {
        if (ModelType is not ("BPE" or "WordPiece"))
            throw _model.Error($"has the type '{ModelType}', which is not supported; use a model with a BPE or WordPiece tokenizer");
        if (_model.TryGet("dropout", out var dropout) && dropout.Element.ValueKind == JsonValueKind.Number && dropout.Element.GetDouble() > 0)
            dropout.Refuse("above 0");
        foreach (var name in ModelType == "BPE" ? (string[])["continuing_subword_prefix", "end_of_word_suffix"] : [])
        {
            if (_model.Text(name, "").Length > 0)
                _model.Get(name).Refuse($"'{_model.Text(name)}'");
        }
    }

    private int IndexOf(JsonPart name) => Array.IndexOf(_tokens, name.AsText()) is >= 0 and var id
        ? id
        : throw name.Error($"is '{name.AsText()}', which is not in the vocabulary");
}
