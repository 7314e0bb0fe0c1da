using System.Text;
using System.Text.Json.Nodes;
using Parley.Testing;

namespace Parley.Text.Tests;

/// <summary>tokenizer.json as the families' models have it, in miniature; and what is refused, by name and place.</summary>
public sealed class TokenizerJsonTests
{
    private const string Replace = """{"type":"Replace","pattern":{"String":" "},"content":"▁"}""";
    private const string Llama2 = $$"""{"type":"Sequence","normalizers":[{"type":"Prepend","prepend":"▁"},{{Replace}}]}""";
    private const string Begins = """{"type":"TemplateProcessing","single":[{"SpecialToken":{"id":"<s>","type_id":0}},{"Sequence":{"id":"A","type_id":0}}],"special_tokens":{"<s>":{"id":"<s>","ids":[1],"tokens":["<s>"]}}}""";

    [Theory]
    [InlineData(Llama2, "null", "ab b", "▁ab ▁ b")]
    [InlineData(Llama2, "null", " a", "▁ ▁a")]
    [InlineData(Replace, "null", "ab b", "ab ▁ b")]
    [InlineData(Replace, """{"type":"Split","pattern":{"String":" "},"behavior":"MergedWithPrevious","invert":false}""", "ab b", "ab ▁ b")]
    [InlineData("null", """{"type":"Metaspace","replacement":"▁","prepend_scheme":"first","split":false}""", "a</s>a", "▁a </s> a")]
    [InlineData("null", """{"type":"Metaspace","replacement":"▁","prepend_scheme":"always","split":false}""", "a</s>a", "▁a </s> ▁a")]
    [InlineData("null", """{"type":"Metaspace","replacement":"▁","prepend_scheme":"always"}""", " a", "▁a")]
    [InlineData(Llama2, "null", "aé€", "▁a <0xC3> <0xA9> <unk>")]
    public void Pieces_are_merged_as_in_sentence_piece(string normalizer, string preTokenizer, string text, string expected)
    {
        var tokenizer = Pieces(normalizer, preTokenizer);
        string[] names = ["<unk>", "<s>", "</s>", "▁", "a", "b", "ab", "▁ab", "▁a", "<0xC3>", "<0xA9>"];
        int[] ids = [.. expected.Split(' ').Select(name => Array.IndexOf(names, name))];
        Assert.Equal(ids, tokenizer.Encode(text, new(ParseSpecial: true)));
        Assert.Equal([1, .. ids], tokenizer.Encode(text, new(AddSpecial: true, ParseSpecial: true)));
        if (!text.Contains('€') && !text.Contains('<'))
            Assert.Equal(text.TrimStart(' '), tokenizer.DecodeText(ids).TrimStart(' '));
    }

    [Fact]
    public void Qwens_text_is_composed_first()
    {
        var tokenizer = BytePairs("normalizer", """{"type":"NFC"}""");
        Assert.Equal(tokenizer.Encode("\u00E9\uAC01\u0958"), tokenizer.Encode("e\u0301\u1100\u1161\u11A8\u0958"));
        Assert.Equal("\u00E9\uAC01\u0915\u093C", tokenizer.DecodeText(tokenizer.Encode("e\u0301\u1100\u1161\u11A8\u0958")));
        Assert.Equal(tokenizer.Hash, BpeTokenizer.FromJson(tokenizer.ToJson()).Hash);
    }

    [Fact]
    public void Steps_before_byte_level_are_kept_in_order()
    {
        var tokenizer = BytePairs("pre_tokenizer", """{"type":"Sequence","pretokenizers":[{"type":"Digits","individual_digits":true},{"type":"ByteLevel","add_prefix_space":false,"use_regex":true}]}""");
        Assert.Same(SplitPattern.FromGguf("smollm"), tokenizer.Pattern);
        Assert.Same(SplitPattern.FromGguf("smollm"), BpeTokenizer.FromJson(tokenizer.ToJson()).Pattern);
    }

    [Fact]
    public void Byte_level_may_put_a_space_before_the_text()
    {
        var tokenizer = BytePairs("pre_tokenizer", """{"type":"ByteLevel","add_prefix_space":true}""");
        Assert.Equal(tokenizer.Encode(" a"), tokenizer.Encode("a"));
        Assert.Equal("a", tokenizer.DecodeText(tokenizer.Encode("a")));
    }

    [Fact]
    public void Added_tokens_keep_their_ways()
    {
        var tokenizer = BytePairs("added_tokens", """
            [{"id":256,"content":"<think>","special":false},{"id":257,"content":"<|x|>","special":true,"lstrip":true,"rstrip":true},{"id":258,"content":"word","special":false,"single_word":true}]
            """);
        Assert.Equal([256], tokenizer.Encode("<think>"));
        Assert.Equal("<think>", tokenizer.DecodeText([256, 257]));
        Assert.False(tokenizer.Special.TryGet("<think>", out _));
        Assert.Equal([257], tokenizer.Encode(" <|x|>\u00A0", new(ParseSpecial: true)));
        Assert.Equal([258], tokenizer.Encode("word"));
        Assert.DoesNotContain(258, tokenizer.Encode("words"));
        Assert.Equal(tokenizer.Encode("<think>word"), BpeTokenizer.FromJson(tokenizer.ToJson()).Encode("<think>word"));
    }

    [Fact]
    public void Word_pieces_are_read_with_their_marks()
    {
        var tokenizer = Tokenizer.FromTokenizerJson(Encoding.UTF8.GetBytes("""
            {"added_tokens":[{"id":0,"content":"[UNK]"},{"id":1,"content":"[CLS]"},{"id":2,"content":"[SEP]"}],
             "normalizer":{"type":"BertNormalizer","clean_text":true,"handle_chinese_chars":true,"strip_accents":null,"lowercase":true},
             "pre_tokenizer":{"type":"BertPreTokenizer"},
             "post_processor":{"type":"BertProcessing","sep":["[SEP]",2],"cls":["[CLS]",1]},
             "model":{"type":"WordPiece","unk_token":"[UNK]","continuing_subword_prefix":"##","max_input_chars_per_word":6,"vocab":{"un":3,"##do":4,"do":5,"\u1112\u1161\u11AB":6,"\uD55C":7}}}
            """));
        Assert.Equal([1, 3, 4, 5, 0, 0, 2], tokenizer.Encode("ÜNdo do undone undodododo", new(AddSpecial: true)));
        Assert.Equal([6], tokenizer.Encode("\uD55C"));
        Assert.Equal("undo do", tokenizer.DecodeText([3, 4, 5]));
    }

    [Fact]
    public void A_folder_says_what_begins_and_ends_a_text()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder.File("tokenizer.json"), PiecesJson(Llama2, "null"));
        File.WriteAllText(folder.File("tokenizer_config.json"), """{"tokenizer_class":"LlamaTokenizer","add_bos_token":false,"add_eos_token":true,"bos_token":"<s>","eos_token":{"content":"</s>"}}""");
        File.WriteAllText(folder.File("generation_config.json"), """{"eos_token_id":[7,8],"bos_token_id":1}""");
        File.WriteAllText(folder.File("config.json"), """{"eos_token_id":8}""");
        var read = HuggingFaceTokenizer.Read(folder.Path);
        Assert.Equal([7, 8, 2], read.EndIds);
        Assert.Equal(1, read.BeginId);
        Assert.Empty(read.Tokenizer.Prefix);
        Assert.Equal([2], read.Tokenizer.Suffix);

        File.WriteAllText(folder.File("generation_config.json"), """{"eos_token_id":"7"}""");
        var error = Assert.Throws<InvalidDataException>(() => HuggingFaceTokenizer.Read(folder.Path));
        Assert.Contains("generation_config.json': eos_token_id is not a whole number", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("normalizer", """{"type":"Sequence","normalizers":[{"type":"NFC"},{"type":"Precompiled"}]}""", "normalizer.normalizers[1] is a 'Precompiled'")]
    [InlineData("pre_tokenizer", """{"type":"Sequence","pretokenizers":[{"type":"UnicodeScripts"}]}""", "pre_tokenizer.pretokenizers[0] is a 'UnicodeScripts'")]
    [InlineData("pre_tokenizer", """{"type":"Split","pattern":{"Regex":"("},"behavior":"Isolated"}""", "pre_tokenizer.pattern is a regular expression that cannot be run")]
    [InlineData("pre_tokenizer", """{"type":"Split","pattern":{"Regex":"a"},"behavior":"Sideways"}""", "pre_tokenizer.behavior is 'Sideways'")]
    [InlineData("pre_tokenizer", """{"type":7}""", "pre_tokenizer.type is not a string")]
    [InlineData("post_processor", """{"type":"BertProcessing","sep":["b",1],"cls":["a",256]}""", "post_processor names the id 256, which is not in the vocabulary of 256")]
    [InlineData("post_processor", """{"type":"Mystery"}""", "post_processor is a 'Mystery'")]
    [InlineData("post_processor", """{"type":"TemplateProcessing","single":[{"SpecialToken":{"id":"<s>"}}]}""", "post_processor has no \"special_tokens\"")]
    [InlineData("added_tokens", """[{"id":-1,"content":"x"}]""", "added_tokens[0].id is not a whole number")]
    [InlineData("added_tokens", """[{"id":2000000000,"content":"x"}]""", "257 tokens and the id 2000000000")]
    [InlineData("added_tokens", """[{"id":7,"content":"x"}]""", "added_tokens[0] has the id 7")]
    [InlineData("added_tokens", """{"id":7}""", "added_tokens is not a list")]
    [InlineData("model", """{"type":"BPE","vocab":{"a":0,"b":0},"merges":[]}""", "model.vocab[\"b\"] is 0, which is the id of 'a' too")]
    [InlineData("model", """{"type":"BPE","vocab":[],"merges":[]}""", "model.vocab is not an object")]
    [InlineData("model", """{"type":"BPE","vocab":{"a":0},"end_of_word_suffix":"</w>","merges":[]}""", "model.end_of_word_suffix is '</w>'")]
    [InlineData("merges", """["a"]""", "the merge 'a' (number 0)")]
    [InlineData("merges", """["a zz"]""", "merge 0 ('a zz')")]
    [InlineData("merges", """[["a"]]""", "model.merges[0] is neither two tokens")]
    [InlineData("merges", """[3]""", "model.merges[0] is neither two tokens")]
    public void What_is_not_understood_is_named(string part, string json, string expected)
    {
        var error = Assert.Throws<InvalidDataException>(() => BytePairs(part, json));
        Assert.Contains(expected, error.Message, StringComparison.Ordinal);
    }

    /// <summary>Damaged files give one clear error or a tokenizer that works, and nothing else.</summary>
    [Fact]
    public void Damaged_files_are_refused_or_work()
    {
        var random = new Random(5);
        string[] seeds = [PiecesJson(Llama2, "null"), Encoding.UTF8.GetString(SampleTokenizer.Instance.ToJson()), PiecesJson("null", """{"type":"Metaspace"}""")];
        string[] words = ["\"", "{", "}", "[", "]", ",", ":", "null", "true", "-1", "2147483648", "1e400", "\"type\"", "\"ByteLevel\"", "\"WordPiece\"", "\\u0000", "\\ud800", "▁", "<0x"];
        var (read, refused) = (0, 0);
        for (var round = 0; round < 3_000; round++)
        {
            var seed = new StringBuilder(seeds[random.Next(seeds.Length)]);
            for (var times = random.Next(3); times >= 0; times--)
                Damage(seed, words, random);
            try
            {
                var tokenizer = Tokenizer.FromTokenizerJson(Encoding.UTF8.GetBytes(seed.ToString()));
                Assert.All(tokenizer.Encode("ab <s> é\n123"), id => Assert.InRange(id, 0, tokenizer.VocabularySize - 1));
                read++;
            }
            catch (InvalidDataException)
            {
                refused++;
            }
        }

        Assert.True(read > 100 && refused > 100, $"{read} read, {refused} refused");
    }

    private static void Damage(StringBuilder text, string[] words, Random random)
    {
        var at = random.Next(text.Length);
        var length = Math.Min(random.Next(12), text.Length - at);
        switch (random.Next(3))
        {
            case 0:
                text.Remove(at, length);
                break;
            case 1:
                text.Insert(at, words[random.Next(words.Length)]);
                break;
            default:
                text[at] = text[random.Next(text.Length)];
                break;
        }
    }

    private static BpeTokenizer BytePairs(string part, string json)
    {
        var vocabulary = new JsonObject(Enumerable.Range(0, 256).Select(value => KeyValuePair.Create<string, JsonNode?>(ByteAlphabet.Write([(byte)value]), value)));
        var root = new JsonObject
        {
            ["pre_tokenizer"] = new JsonObject { ["type"] = "ByteLevel" },
            ["model"] = new JsonObject { ["type"] = "BPE", ["vocab"] = vocabulary, ["merges"] = new JsonArray() },
        };
        (part == "merges" ? root["model"]! : root)[part] = JsonNode.Parse(json);
        return BpeTokenizer.FromJson(Encoding.UTF8.GetBytes(root.ToJsonString()));
    }

    private static Tokenizer Pieces(string normalizer, string preTokenizer) => Tokenizer.FromTokenizerJson(Encoding.UTF8.GetBytes(PiecesJson(normalizer, preTokenizer)));

    private static string PiecesJson(string normalizer, string preTokenizer) => $$$"""
        {"added_tokens":[{"id":0,"content":"<unk>"},{"id":1,"content":"<s>"},{"id":2,"content":"</s>"}],
         "normalizer":{{{normalizer}}},"pre_tokenizer":{{{preTokenizer}}},"post_processor":{{{Begins}}},
         "model":{"type":"BPE","unk_token":"<unk>","fuse_unk":true,"byte_fallback":true,
          "vocab":{"<unk>":0,"<s>":1,"</s>":2,"▁":3,"a":4,"b":5,"ab":6,"▁ab":7,"▁a":8,"<0xC3>":9,"<0xA9>":10},"merges":["a b",["▁","ab"],"▁ a"]}}
        """;
}
