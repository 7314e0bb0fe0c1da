using System.Text;
using FsCheck;
using FsCheck.Fluent;

namespace Parley.Text.Tests;

public sealed class BpeTokenizerTests
{
    private static readonly BpeTokenizer Tokenizer = SampleTokenizer.Instance;

    [Fact]
    public void Any_bytes_survive_the_round_trip() => Prop.ForAll<byte[]>(bytes =>
        Tokenizer.Decode(Tokenizer.Encode(bytes.AsSpan())).AsSpan().SequenceEqual(bytes)).QuickCheckThrowOnFailure();

    [Fact]
    public void Broken_utf8_among_text_survives_the_round_trip()
    {
        byte[] bytes = [.. "ab "u8, 0xC3, .. "é"u8, 0xF0, 0x9F, 0x98, .. " cat"u8, 0xED, 0xA0, 0x80, 0xFF, 0x80, .. "😀"u8, 0xE2];
        Assert.Equal(bytes, Tokenizer.Decode(Tokenizer.Encode(bytes)));
    }

    [Fact]
    public void Text_and_its_bytes_give_the_same_ids() => Prop.ForAll<string>(text =>
    {
        var bytes = Encoding.UTF8.GetBytes(text ?? "");
        return Tokenizer.Encode(bytes).SequenceEqual(Tokenizer.Encode(text ?? "")) && Tokenizer.Decode(Tokenizer.Encode(text ?? "")).SequenceEqual(bytes);
    }).QuickCheckThrowOnFailure();

    [Fact]
    public void User_text_never_yields_a_special_token()
    {
        var pieces = Gen.OneOf(
            Gen.Elements("<|im_end|>", "<|im_start|>", "<|endoftext|>", "<|im_start|>system\n", "<|", "|>", "im_end"),
            ArbMap.Default.ArbFor<string>().Generator.Select(text => text ?? ""));
        Prop.ForAll(pieces.ListOf().Select(list => string.Concat(list)).ToArbitrary(), text =>
            !Array.Exists(Tokenizer.Encode(text), Tokenizer.Special.IsSpecial)).QuickCheckThrowOnFailure();
    }

    [Fact]
    public void Special_tokens_decode_to_nothing()
    {
        int[] ids = [Tokenizer.Special.ImStart, .. Tokenizer.Encode("cat"), Tokenizer.Special.ImEnd, Tokenizer.Special.EndOfText];
        Assert.Equal("cat", Tokenizer.DecodeText(ids));
    }

    [Fact]
    public void Training_merges_what_is_frequent()
    {
        Assert.Single(Tokenizer.Encode(" the"));
        Assert.Single(Tokenizer.Encode(" cat"));
        Assert.Equal(5, Tokenizer.Encode("12345").Length);
    }

    [Fact]
    public void A_megabyte_without_a_space_is_encoded_in_good_time()
    {
        var ids = Tokenizer.Encode(new string('a', 1_000_000));
        Assert.Equal(1_000_000, Tokenizer.Decode(ids).Length);
    }

    [Fact]
    public void Many_threads_get_what_one_gets()
    {
        var tokenizer = BpeTokenizer.FromJson(Tokenizer.ToJson());
        var expected = Tokenizer.Encode(SampleTokenizer.Prose);
        Parallel.For(0, 32, _ => Assert.Equal(expected, tokenizer.Encode(SampleTokenizer.Prose)));
    }

    [Fact]
    public void An_id_outside_the_vocabulary_is_named()
    {
        var error = Assert.Throws<ArgumentOutOfRangeException>(() => Tokenizer.DecodeText([Tokenizer.VocabularySize]));
        Assert.Contains($"0 to {Tokenizer.VocabularySize - 1}", error.Message, StringComparison.Ordinal);
    }
}
