using Parley.Models;
using Parley.Text;

namespace Parley.Inference;

/// <summary>
/// Tokenizer and chat template to and from GGUF metadata, under the keys that llama.cpp reads (tokenizer.ggml.*,
/// tokenizer.chat_template; ggml/docs/gguf.md). It knows no tensor.
/// </summary>
internal static class GgufVocabulary
{
    private const string Prefix = "tokenizer.ggml.";
    private const string TemplateKey = "tokenizer.chat_template";
    private const int Unused = 5; // llama.h, LLAMA_TOKEN_TYPE_UNUSED

    /// <exception cref="ModelFormatException">A key is missing, or the vocabulary is inconsistent or of a kind that is not supported.</exception>
    public static (Tokenizer Tokenizer, ModelVocabulary Vocabulary) Read(GgufMetadata metadata)
    {
        var tokenizer = ReadTokenizer(metadata);
        var named = ModelVocabulary.Of(tokenizer);
        int?[] ends = [Id(metadata, "eos_token_id", tokenizer), Id(metadata, "eot_token_id", tokenizer), Id(metadata, "eom_token_id", tokenizer), .. named.EndTokens];
        return (tokenizer, new()
        {
            EndTokens = [.. ends.OfType<int>().Distinct()],
            Prefix = tokenizer.Prefix,
            DocumentStart = Id(metadata, "bos_token_id", tokenizer) ?? named.DocumentStart,
            Template = ChatTemplateFiles.FromGguf(metadata, tokenizer),
        });
    }

    /// <summary>The tokenizer of a file that need hold nothing else.</summary>
    /// <param name="metadata">The file's keys.</param>
    /// <param name="pre">Takes the place of tokenizer.ggml.pre.</param>
    /// <exception cref="ModelFormatException">A key is missing, or the vocabulary is inconsistent or of a kind that is not supported.</exception>
    public static Tokenizer ReadTokenizer(GgufMetadata metadata, string? pre = null)
    {
        var keys = new GgufTokenizer
        {
            Model = metadata.Text(Prefix + "model"),
            Pre = pre ?? Optional(metadata, "pre", metadata.Text),
            Tokens = metadata.Texts(Prefix + "tokens"),
            TokenTypes = Optional(metadata, "token_type", metadata.Integers) ?? [],
            Merges = Optional(metadata, "merges", metadata.Texts) ?? [],
            Scores = Optional(metadata, "scores", key => metadata[key].AsNumbers()) ?? [],
            BeginId = Number(metadata, "bos_token_id") ?? Number(metadata, "cls_token_id"),
            EndId = Number(metadata, "eos_token_id"),
            UnknownId = Number(metadata, "unknown_token_id"),
            SeparatorId = Number(metadata, "seperator_token_id"),
            AddsBegin = Flag(metadata, "add_bos_token"),
            AddsEnd = Flag(metadata, "add_eos_token"),
            AddsSpace = Flag(metadata, "add_space_prefix"),
            Lowercases = Flag(metadata, "normalizer.lowercase") ?? true,
            StripsAccents = Flag(metadata, "normalizer.strip_accents"),
            Name = metadata.Text("general.name", ""),
        };
        try
        {
            return keys.Read();
        }
        catch (InvalidDataException error)
        {
            throw metadata.Error(Prefix + "tokens", $"{error.Message}. Convert the model again.");
        }
    }

    /// <summary>The keys of a model's name, vocabulary, special tokens and template.</summary>
    /// <exception cref="ModelFormatException">The tokenizer is of a kind, or has a split pattern, that GGUF cannot name.</exception>
    public static IEnumerable<KeyValuePair<string, GgufValue>> Write(LoadedModel model)
    {
        if (model.Tokenizer is not BpeTokenizer tokenizer || tokenizer.GgufPreTokenizer is not { } pattern)
        {
            throw new ModelFormatException(
                $"The tokenizer of '{model.Id}' cannot be written as GGUF: that takes byte-level BPE with a split pattern that llama.cpp has a name for; serve the folder as it is.");
        }

        // llama.cpp wants one token for each row of the embedding table.
        var padding = Enumerable.Range(tokenizer.VocabularySize, model.Config.VocabularySize - tokenizer.VocabularySize).ToArray();
        List<KeyValuePair<string, GgufValue>> pairs =
        [
            new("general.name", model.Id),
            new(Prefix + "model", "gpt2"),
            new(Prefix + "pre", pattern),
            new(Prefix + "tokens", (string[])[.. tokenizer.Tokens.Select((token, id) => token.Length > 0 ? token : Pad(id)), .. padding.Select(Pad)]),
            new(Prefix + "token_type", (int[])[.. tokenizer.TokenTypes, .. padding.Select(_ => Unused)]),
            new(Prefix + "merges", (string[])[.. tokenizer.Merges]),
            new(Prefix + "add_bos_token", model.Prefix.Count > 0),
        ];
        AddSpecial(pairs, model);
        return pairs;
    }

    private static string Pad(int id) => $"[PAD{id}]";

    private static void AddSpecial(List<KeyValuePair<string, GgufValue>> pairs, LoadedModel model)
    {
        var special = model.Tokenizer.Special;
        if (model.DocumentStart is { } start)
        {
            pairs.Add(new(Prefix + "bos_token_id", (uint)start));
        }

        if (model.EndTokens.Count > 0)
        {
            // The end of a turn where there are turns: that is what stops a chat in llama.cpp.
            pairs.Add(new(Prefix + "eos_token_id", (uint)(special.HasChatMl ? special.ImEnd : model.EndTokens[0])));
        }

        if (special.Pad is { } pad)
        {
            pairs.Add(new(Prefix + "padding_token_id", (uint)pad));
        }

        if (model.Template is { } template)
        {
            pairs.Add(new(TemplateKey, template.Source));
        }
    }

    private static T? Optional<T>(GgufMetadata metadata, string key, Func<string, T?> read)
        where T : class => metadata.Contains(Prefix + key) ? read(Prefix + key) : null;

    private static string? Optional(GgufMetadata metadata, string key, Func<string, string?, string> read) => Optional(metadata, key, name => read(name, null));

    private static bool? Flag(GgufMetadata metadata, string key) => metadata.TryGet(Prefix + key, out var value) ? value.AsFlag() : null;

    private static int? Number(GgufMetadata metadata, string key) => metadata.Contains(Prefix + key) ? metadata.Integer(Prefix + key) : null;

    private static int? Id(GgufMetadata metadata, string key, Tokenizer tokenizer)
    {
        if (Number(metadata, key) is not { } id)
        {
            return null;
        }

        return (uint)id < (uint)tokenizer.VocabularySize
            ? id
            : throw metadata.Error(Prefix + key, $"{id} is not a token of this vocabulary. Convert the model again.");
    }
}
