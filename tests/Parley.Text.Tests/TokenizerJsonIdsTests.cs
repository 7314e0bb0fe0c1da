using System.Text;
using System.Text.Json.Nodes;
using Parley.Testing;

namespace Parley.Text.Tests;

/// <summary>Ids of a tokenizer.json that no text has, and added tokens that a model has no rows for.</summary>
public sealed class TokenizerJsonIdsTests
{
    private const string Bytes = """{"type":"ByteLevel","add_prefix_space":false}""";

    [Fact]
    public void Ids_that_byte_pairs_leave_out_are_tokens_that_no_text_has()
    {
        var tokenizer = BpeTokenizer.FromJson(BytePairs([new("he", 258), new("hey", 262)], ["h e", "he y"], [new("<|end|>", 260)]));
        Assert.Equal(263, tokenizer.VocabularySize);
        Assert.Equal([262], tokenizer.Encode("hey"));
        Assert.Equal([260], tokenizer.Encode("<|end|>", new(ParseSpecial: true)));
        foreach (var hole in (int[])[256, 257, 259, 261])
        {
            Assert.True(tokenizer.TokenBytes(hole).IsEmpty);
            Assert.Equal((5, ""), (tokenizer.TokenTypes[hole], tokenizer.Tokens[hole]));
        }

        Assert.Equal("he, y", tokenizer.DecodeText([256, 258, .. tokenizer.Encode(", "), 257, 259, .. tokenizer.Encode("y"), 261]));
        Assert.Empty(tokenizer.Encode(""));
        var again = BpeTokenizer.FromJson(tokenizer.ToJson());
        Assert.Equal((tokenizer.VocabularySize, tokenizer.Hash), (again.VocabularySize, again.Hash));
        Assert.Equal(tokenizer.Encode("hey he"), again.Encode("hey he"));
    }

    [Fact]
    public void Ids_that_pieces_leave_out_are_tokens_that_no_text_has()
    {
        var tokenizer = Tokenizer.FromTokenizerJson("""
            {"added_tokens":[{"id":0,"content":"<unk>"}],"pre_tokenizer":{"type":"Metaspace","replacement":"▁","prepend_scheme":"never","split":false},
             "model":{"type":"BPE","unk_token":"<unk>","vocab":{"<unk>":0,"a":2,"b":3,"▁":4,"ab":7},"merges":["a b"]}}
            """u8);
        Assert.Equal(8, tokenizer.VocabularySize);
        Assert.Equal([7, 4, 3], tokenizer.Encode("ab b"));
        Assert.Equal("ab b", tokenizer.DecodeText([1, 7, 5, 4, 6, 3]));
    }

    [Fact]
    public void Ids_that_word_pieces_leave_out_are_tokens_that_no_text_has()
    {
        var tokenizer = Tokenizer.FromTokenizerJson("""
            {"added_tokens":[{"id":0,"content":"[UNK]"}],"normalizer":{"type":"BertNormalizer","clean_text":true,"handle_chinese_chars":true,"strip_accents":null,"lowercase":true},"pre_tokenizer":{"type":"BertPreTokenizer"},
             "model":{"type":"WordPiece","unk_token":"[UNK]","continuing_subword_prefix":"##","vocab":{"[UNK]":0,"##do":3,"un":5}}}
            """u8);
        Assert.Equal(6, tokenizer.VocabularySize);
        Assert.Equal([5, 3, 0], tokenizer.Encode("undo do")); // a hole is not a piece that begins every word
        Assert.Equal("undo", tokenizer.DecodeText([1, 5, 2, 3, 4]).TrimStart());
    }

    [Fact]
    public void An_id_far_beyond_all_tokens_costs_no_memory()
    {
        var json = BytePairs([new("he", 2_000_000_000)], []);
        var before = GC.GetAllocatedBytesForCurrentThread();
        var error = Assert.Throws<InvalidDataException>(() => BpeTokenizer.FromJson(json));
        Assert.Contains("257 tokens and the id 2000000000", error.Message, StringComparison.Ordinal);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 1 << 20);
    }

    [Fact]
    public void Added_tokens_behind_the_models_rows_are_left_out()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllBytes(folder.File("tokenizer.json"), BytePairs([new("he", 256)], ["h e"], [new("<|end|>", 257), new("<image_soft_token>", 258), new("<more>", 300)]));
        var whole = HuggingFaceTokenizer.Read(folder.Path).Tokenizer;
        var text = HuggingFaceTokenizer.Read(folder.Path, 258).Tokenizer;
        Assert.Equal((301, 258), (whole.VocabularySize, text.VocabularySize));
        Assert.Equal([257], text.Encode("<|end|>", new(ParseSpecial: true)));
        Assert.Equal([258], whole.Encode("<image_soft_token>", new(ParseSpecial: true)));
        Assert.Equal(text.Encode("<image_soft_token>"), text.Encode("<image_soft_token>", new(ParseSpecial: true)));
        Assert.Equal("<image_soft_token>", text.DecodeText(text.Encode("<image_soft_token>", new(ParseSpecial: true))));
        Assert.NotEqual(whole.Hash, text.Hash);

        // What is saved beside a checkpoint is the file without them.
        var saved = BpeTokenizer.FromJson(((BpeTokenizer)text).ToJson());
        Assert.Equal((258, text.Hash), (saved.VocabularySize, saved.Hash));
        Assert.Equal(whole.Hash, HuggingFaceTokenizer.Read(folder.Path, 301).Tokenizer.Hash);
    }

    [Fact]
    public void A_token_of_the_models_own_vocabulary_behind_its_rows_stays()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllBytes(folder.File("tokenizer.json"), BytePairs([new("he", 256), new("<|end|>", 257)], [], [new("<|end|>", 257)]));
        Assert.Equal(258, HuggingFaceTokenizer.Read(folder.Path, 256).Tokenizer.VocabularySize);
    }

    // The 256 bytes, and more tokens, merges and added tokens.
    private static byte[] BytePairs(KeyValuePair<string, int>[] more, string[] merges, KeyValuePair<string, int>[]? added = null)
    {
        var tokens = Enumerable.Range(0, 256).Select(value => KeyValuePair.Create(ByteAlphabet.Write([(byte)value]), value)).Concat(more);
        var root = new JsonObject
        {
            ["added_tokens"] = new JsonArray([.. (added ?? []).Select(token => new JsonObject { ["id"] = token.Value, ["content"] = token.Key })]),
            ["pre_tokenizer"] = JsonNode.Parse(Bytes),
            ["model"] = new JsonObject
            {
                ["type"] = "BPE",
                ["vocab"] = new JsonObject(tokens.Select(token => KeyValuePair.Create<string, JsonNode?>(token.Key, token.Value))),
                ["merges"] = new JsonArray([.. merges.Select(merge => JsonValue.Create(merge))]),
            },
        };
        return Encoding.UTF8.GetBytes(root.ToJsonString());
    }
}
