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

    /// <exception cref="ModelFormatException">A key is missing, or the vocabulary is of a kind that is not supported.</exception>
    public static (BpeTokenizer Tokenizer, ModelVocabulary Vocabulary) Read(GgufMetadata metadata)
    {
        var kind = metadata.Text(Prefix + "model");
        if (kind != "gpt2")
        {
            throw metadata.Error(Prefix + "model", $"a \"{kind}\" vocabulary is not supported; use a model with byte-level BPE (\"gpt2\").");
        }

        var tokenizer = ReadTokenizer(metadata);
        var named = ModelVocabulary.Of(tokenizer);
        var begin = Id(metadata, "bos_token_id", tokenizer);
        var addsBegin = metadata.TryGet(Prefix + "add_bos_token", out var flag) && flag.AsFlag() == true;
        int?[] ends = [Id(metadata, "eos_token_id", tokenizer), Id(metadata, "eot_token_id", tokenizer), .. named.EndTokens];
        return (tokenizer, new()
        {
            EndTokens = [.. ends.OfType<int>().Distinct()],
            Prefix = addsBegin && begin is { } id ? [id] : [],
            DocumentStart = begin ?? named.DocumentStart,
            Template = ChatTemplateFiles.FromGguf(metadata, tokenizer),
        });
    }

    /// <summary>The keys of a model's name, vocabulary, special tokens and template.</summary>
    /// <exception cref="ModelFormatException">The tokenizer is of a kind, or has a split pattern, that GGUF cannot name.</exception>
    public static IEnumerable<KeyValuePair<string, GgufValue>> Write(LoadedModel model)
    {
        if (model.Tokenizer is not BpeTokenizer tokenizer || tokenizer.Pattern.GgufName is not { } pattern)
        {
            throw new ModelFormatException(
                $"The tokenizer of '{model.Id}' cannot be written as GGUF, because its split pattern has no name in llama.cpp; train it with the Qwen2 pattern.");
        }

        // llama.cpp wants one token for each row of the embedding table.
        var padding = Enumerable.Range(tokenizer.VocabularySize, model.Config.VocabularySize - tokenizer.VocabularySize).ToArray();
        List<KeyValuePair<string, GgufValue>> pairs =
        [
            new("general.name", model.Id),
            new(Prefix + "model", "gpt2"),
            new(Prefix + "pre", pattern),
            new(Prefix + "tokens", (string[])[.. tokenizer.Tokens, .. padding.Select(id => $"[PAD{id}]")]),
            new(Prefix + "token_type", (int[])[.. tokenizer.TokenTypes, .. padding.Select(_ => Unused)]),
            new(Prefix + "merges", (string[])[.. tokenizer.Merges]),
            new(Prefix + "add_bos_token", model.Prefix.Count > 0),
        ];
        AddSpecial(pairs, model);
        return pairs;
    }

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

    private static BpeTokenizer ReadTokenizer(GgufMetadata metadata)
    {
        // Some converters leave the types out.
        IReadOnlyList<int> types = metadata.Contains(Prefix + "token_type") ? metadata.Integers(Prefix + "token_type") : [];
        try
        {
            return BpeTokenizer.FromGgufVocabulary(
                metadata.Texts(Prefix + "tokens"), metadata.Texts(Prefix + "merges"), types, metadata.Text(Prefix + "pre", "gpt-2"));
        }
        catch (InvalidDataException error)
        {
            throw metadata.Error(Prefix + "tokens", $"{error.Message}. Convert the model again.");
        }
    }

    private static int? Id(GgufMetadata metadata, string key, BpeTokenizer tokenizer)
    {
        if (!metadata.Contains(Prefix + key))
        {
            return null;
        }

        var id = metadata.Integer(Prefix + key);
        return (uint)id < (uint)tokenizer.VocabularySize
            ? id
            : throw metadata.Error(Prefix + key, $"{id} is not a token of this vocabulary. Convert the model again.");
    }
}
