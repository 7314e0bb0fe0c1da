using System.Text;

namespace Parley.Text.Tests;

/// <summary>Tiny vocabularies of each kind that GGUF holds, and what is wrong with some.</summary>
public sealed class GgufTokenizerTests
{
    private const int Normal = 1, Unknown = 2, Control = 3, UserDefined = 4, Byte = 6;

    // Ids 4 to 259 are the bytes.
    private static readonly (string Text, float Score, int Type)[] Pieces =
    [
        ("<unk>", 0, Unknown), ("<s>", 0, Control), ("</s>", 0, Control), ("<tool>", 0, UserDefined),
        .. Enumerable.Range(0, 256).Select(value => ($"<0x{value:X2}>", 0f, Byte)),
        ("▁", -1, Normal), ("a", -2, Normal), ("b", -3, Normal), ("ab", -4, Normal), ("▁a", -5, Normal), ("▁ab", -6, Normal), ("ba", -4, Normal), ("aba", -9, Normal), ("é", -7, Normal),
    ];

    private static int Id(string text) => Array.FindIndex(Pieces, piece => piece.Text == text);

    private static GgufTokenizer Source => new()
    {
        Model = "llama",
        Tokens = [.. Pieces.Select(piece => piece.Text)],
        Scores = [.. Pieces.Select(piece => piece.Score)],
        TokenTypes = [.. Pieces.Select(piece => piece.Type)],
    };

    [Theory]
    [InlineData("ab", "▁ab")]
    [InlineData("ab ab", "▁ab ▁ab")]
    [InlineData("aba", "▁ab a")] // the higher score first, the leftmost of equals
    [InlineData("  a", "▁ ▁ ▁a")]
    [InlineData("é€", "▁ é <0xE2> <0x82> <0xAC>")]
    [InlineData("a<tool>b</s>", "▁a <tool> ▁ b <0x3C> <0x2F> <0x73> <0x3E>")]
    [InlineData("", "")]
    public void Pieces_merge_by_score_and_the_rest_is_bytes(string text, string expected)
    {
        var tokenizer = Source.Read();
        int[] ids = [.. expected.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(Id)];
        Assert.Equal(ids, tokenizer.Encode(text));
        Assert.Equal([Id("<s>"), .. ids], tokenizer.Encode(text, new(AddSpecial: true)));
    }

    [Fact]
    public void A_text_is_decoded_without_the_space_that_was_put_before_it()
    {
        var tokenizer = Source.Read();
        foreach (var text in (string[])["ab é😀 a", " ab", "x\0y", "  "])
            Assert.Equal(text, tokenizer.DecodeText(tokenizer.Encode(text)));
        byte[] broken = [0xFF, .. "ab"u8, 0xC3];
        Assert.Equal((byte)0xFF, tokenizer.Decode(tokenizer.Encode(broken))[0]);
    }

    [Fact]
    public void A_stream_drops_that_space_only_where_a_text_begins()
    {
        var tokenizer = Source.Read();
        var ids = tokenizer.Encode("ab é😀");
        var (begins, goesOn) = (new StreamingDetokenizer(tokenizer, startsText: true), new StreamingDetokenizer(tokenizer));
        Assert.Equal("ab é😀", string.Concat(ids.Select(begins.Push)) + begins.Flush());
        Assert.Equal(" ab é😀", string.Concat(ids.Select(goesOn.Push)) + goesOn.Flush());
    }

    [Fact]
    public void Keys_say_what_stands_around_a_text()
    {
        Assert.Equal([Id("▁a")], (Source with { AddsBegin = false }).Read().Encode("a", new(AddSpecial: true)));
        Assert.Equal([Id("<s>"), Id("a"), Id("</s>")], (Source with { AddsSpace = false, AddsEnd = true }).Read().Encode("a", new(AddSpecial: true)));
        Assert.Equal([2, Id("▁a")], (Source with { BeginId = 2 }).Read().Encode("a", new(AddSpecial: true)));
    }

    [Fact]
    public void Phi_3s_control_tokens_swallow_the_space_behind_them()
    {
        int[] ids = [Id("</s>"), Id("▁a")];
        Assert.Equal(ids, (Source with { Name = "Phi-3 mini" }).Read().Encode("</s> \na", new(ParseSpecial: true)));
        Assert.NotEqual(ids, Source.Read().Encode("</s> \na", new(ParseSpecial: true)));
    }

    /// <summary>Merging word by word must not show: the same vocabulary with one piece that crosses a space is merged whole.</summary>
    [Fact]
    public void Words_and_whole_texts_merge_alike()
    {
        var crossing = Source with
        {
            Tokens = [.. Source.Tokens, "q▁", "q"], Scores = [.. Source.Scores, -1, -9], TokenTypes = [.. Source.TokenTypes, Normal, Normal],
        };
        const string text = "aba ab  ba a é\n ab   aab b";
        Assert.Equal(crossing.Read().Encode(text), Source.Read().Encode(text));
        Assert.Equal([Id("▁"), Source.Tokens.Count, Id("a")], crossing.Read().Encode("q a"));
    }

    [Fact]
    public void A_megabyte_without_a_space_is_encoded_in_good_time()
    {
        var tokenizer = Source.Read();
        Assert.Equal(500_000, tokenizer.Encode(string.Concat(Enumerable.Repeat("ab", 500_000))).Length);
    }

    [Fact]
    public void Gemma_4_merges_characters_by_rank_and_not_over_lines()
    {
        var tokenizer = new GgufTokenizer
        {
            Model = "gemma4",
            Tokens = ["<bos>", "<unk>", "▁", "a", "b", "▁a", "\n", "\n\n", "ab", .. Enumerable.Range(0, 256).Select(value => $"<0x{value:X2}>")],
            TokenTypes = [Control, Control, .. Enumerable.Repeat(Normal, 7), .. Enumerable.Repeat(Byte, 256)],
            Merges = ["a b", "▁ a", "x x"],
            BeginId = 0,
        }.Read();
        Assert.Equal([0, 5, 7, 8, 2, 4, 9 + 'x', 9 + 'x'], tokenizer.Encode(" a\n\nab bxx", new(AddSpecial: true)));
        Assert.Equal(" a\n\nab bxx", tokenizer.DecodeText(tokenizer.Encode(" a\n\nab bxx")));
    }

    [Fact]
    public void Words_are_cleaned_and_cut_into_the_longest_pieces()
    {
        string[] tokens = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "▁un", "aff", "able", "▁!", "▁中", "▁a"];
        var tokenizer = new GgufTokenizer
        {
            Model = "bert", Tokens = tokens, TokenTypes = [Control, Control, Control, Control, 1, 1, 1, 1, 1, 1], BeginId = 2, SeparatorId = 3, UnknownId = 1,
        }.Read();
        Assert.Equal([2, 4, 5, 6, 7, 1, 8, 9, 3], tokenizer.Encode("\u0001UnÁffable!\tunaffx中 Á", new(AddSpecial: true)));
        Assert.Equal([3, 9], tokenizer.Encode("[SEP]a", new(ParseSpecial: true)));
        Assert.Equal("unaffable ! a", tokenizer.DecodeText([4, 5, 6, 7, 9]));
        Assert.Equal(" unaffable! a", tokenizer.Describe([4, 5, 6, 7, 9]));
    }

    [Theory]
    [InlineData("tokens", "two ids")]
    [InlineData("types", "3 token types")]
    [InlineData("scores", "2 scores")]
    [InlineData("byte", "<0xZZ>")]
    [InlineData("begin", "9999")]
    [InlineData("model", "\"t5\"")]
    [InlineData("empty", "no tokens")]
    [InlineData("long", "1024")]
    public void A_bad_vocabulary_is_refused_with_what_is_wrong(string what, string expected)
    {
        var source = what switch
        {
            "tokens" => Source with { Tokens = [.. Source.Tokens.SkipLast(1), "ab"] },
            "types" => Source with { TokenTypes = [1, 1, 1] },
            "scores" => Source with { Scores = [0, 0] },
            "byte" => Source with { Tokens = ["<unk>", "<s>", "</s>", "<tool>", "<0xZZ>", .. Source.Tokens.Skip(5)] },
            "begin" => Source with { BeginId = 9999 },
            "empty" => Source with { Tokens = [], Scores = [], TokenTypes = [] },
            "long" => Source with { Tokens = [.. Source.Tokens.SkipLast(1), new string('z', 5000)] },
            _ => Source with { Model = "t5" },
        };
        Assert.Contains(expected, Assert.Throws<InvalidDataException>(source.Read).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_byte_level_vocabulary_may_lack_a_few_bytes_and_drops_them()
    {
        string[] tokens = [.. Enumerable.Range(0, 250).Select(value => ByteAlphabet.Write([(byte)value]))];
        var tokenizer = new GgufTokenizer { Model = "gpt2", Pre = "gpt-2", Tokens = tokens }.Read();
        Assert.Equal(Encoding.UTF8.GetBytes("aé"), tokenizer.Encode("aé").Select(id => (byte)id));
        Assert.Equal([0x61], tokenizer.Encode((ReadOnlySpan<byte>)[0xFF, 0x61]));
    }

    [Fact]
    public void Names_of_patterns_are_llama_cpps()
    {
        Assert.Same(SplitPattern.Llama3, SplitPattern.FromGguf("smaug-bpe"));
        Assert.Contains("'nobody' is not supported", Assert.Throws<ArgumentException>(() => SplitPattern.FromGguf("nobody")).Message, StringComparison.Ordinal);
    }
}
