using System.Text;
using Parley.Testing;

namespace Parley.Text.Tests;

public sealed class TokenizerFileTests
{
    private static readonly BpeTokenizer Tokenizer = SampleTokenizer.Instance;

    [Fact]
    public void Json_keeps_every_id()
    {
        var read = BpeTokenizer.FromJson(Tokenizer.ToJson());
        Assert.Equal(Tokenizer.Hash, read.Hash);
        Assert.Equal(Tokenizer.Encode(SampleTokenizer.Prose), read.Encode(SampleTokenizer.Prose));
        Assert.Equal(Tokenizer.Special.ImEnd, read.Special.ImEnd);
        Assert.Same(SplitPattern.Qwen2, read.Pattern);
    }

    [Fact]
    public void Gguf_arrays_keep_every_id()
    {
        var read = BpeTokenizer.FromGgufVocabulary(Tokenizer.Tokens, Tokenizer.Merges, Tokenizer.TokenTypes, Tokenizer.Pattern.GgufName!);
        Assert.Equal(Tokenizer.Hash, read.Hash);
    }

    [Fact]
    public void Merges_written_as_pairs_and_gpt2s_pre_tokenizer_are_read()
    {
        var vocabulary = string.Join(',', Enumerable.Range(0, 256).Select(id => $"{Quote(Tokenizer.Tokens[id])}:{id}"));
        var json = $$$"""
            {"added_tokens":[{"id":257,"content":"<|endoftext|>"}],"pre_tokenizer":{"type":"ByteLevel","add_prefix_space":false},
             "model":{"type":"BPE","vocab":{{{{vocabulary}}},"he":256},"merges":[["h","e"]]}}
            """;
        var read = BpeTokenizer.FromJson(Encoding.UTF8.GetBytes(json));
        Assert.Same(SplitPattern.Gpt2, read.Pattern);
        Assert.Equal([256], read.Encode("he"));
        Assert.Equal(257, read.Special.EndOfText);
    }

    [Theory]
    [InlineData("{", "tokenizer.json that can be read")]
    [InlineData("""{"model":{"type":"Unigram","vocab":[]}}""", "Unigram")]
    [InlineData("""{"pre_tokenizer":{"type":"Metaspace"},"model":{"type":"BPE","vocab":{"a":0},"merges":[]}}""", "byte-level")]
    [InlineData("""{"pre_tokenizer":{"type":"ByteLevel"},"model":{"type":"BPE","vocab":{"a":0},"merges":[]}}""", "byte 0x00")]
    [InlineData("""{"pre_tokenizer":{"type":"ByteLevel"},"model":{"type":"BPE","vocab":{"a":0,"b":200000},"merges":[]}}""", "2 tokens and the id 200000")]
    public void A_bad_file_is_named_with_what_is_wrong(string json, string expected)
    {
        using var folder = new TemporaryFolder();
        var path = folder.File("tokenizer.json");
        File.WriteAllText(path, json);
        var error = Assert.Throws<InvalidDataException>(() => BpeTokenizer.Load(path));
        Assert.Contains(path, error.Message, StringComparison.Ordinal);
        Assert.Contains(expected, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_missing_file_is_named()
    {
        var error = Assert.Throws<InvalidDataException>(() => BpeTokenizer.Load("/nowhere/tokenizer.json"));
        Assert.Contains("/nowhere/tokenizer.json does not exist", error.Message, StringComparison.Ordinal);
    }

    private static string Quote(string text) => System.Text.Json.JsonSerializer.Serialize(text);
}
