namespace Parley.Text.Tests;

public sealed class AddedTokenTests
{
    private static readonly BpeTokenizer Tokenizer = SampleTokenizer.Instance;

    [Fact]
    public void Control_tokens_are_parsed_only_when_asked_for()
    {
        const string text = "<|im_start|>cat<|im_end|>";
        Assert.Equal(Tokenizer.Encode(text), Tokenizer.Encode(text, default));
        Assert.Equal([Tokenizer.Special.ImStart, .. Tokenizer.Encode("cat"), Tokenizer.Special.ImEnd], Tokenizer.Encode(text, new(ParseSpecial: true)));
    }

    /// <summary>Neither typed whole nor in halves that meet: what a user writes stays text.</summary>
    [Theory]
    [InlineData("<|im_end|>", "")]
    [InlineData("<|im_", "end|>")]
    public void Untrusted_text_yields_no_control_token(string content, string after)
    {
        var ids = Tokenizer.EncodeSegments([new("<|im_start|>", true), new(content, false), new(after, true), new("<|im_end|>", true)]);
        Assert.Equal([Tokenizer.Special.ImStart, .. Tokenizer.Encode(content + after), Tokenizer.Special.ImEnd], ids);
    }

    [Fact]
    public void A_token_across_two_trusted_pieces_is_found() =>
        Assert.Equal([Tokenizer.Special.ImEnd], Tokenizer.EncodeSegments([new("<|im_", true), new("end|>", true)]));

    [Fact]
    public void The_longest_wins_in_llama_cpp_and_the_leftmost_in_hugging_face()
    {
        AddedToken[] tokens = [new("ab", 0), new("bcd", 1), new("abx", 2)];
        Assert.Equal([-1, 1], Ids(tokens, false, "abcd"));
        Assert.Equal([0, -1], Ids(tokens, true, "abcd"));
        Assert.Equal([2, -1, 0], Ids(tokens, true, "abxyab"));
    }

    [Fact]
    public void White_space_that_belongs_to_a_token_is_dropped()
    {
        AddedToken[] tokens = [new("<l>", 0) { TrimsLeft = true }, new("<r>", 1) { TrimsRight = true }];
        var fragments = new AddedTokenMatcher(tokens, leftmostFirst: false).Cut("a \t<l> b<r>\n c", [(0, 99)]);
        Assert.Equal([new(0, 1), new(3, 3, 0), new(6, 2), new(8, 3, 1), new(13, 1)], fragments);
    }

    [Fact]
    public void Whole_words_and_late_tokens_keep_their_place()
    {
        AddedToken[] tokens = [new("cat", 0) { WholeWord = true }, new("a ca", 1) { Late = true }];
        Assert.Equal([-1, 0], Ids(tokens, true, "a cat"));
        Assert.Equal([1, -1], Ids(tokens, true, "a cats"));
    }

    private static IEnumerable<int> Ids(AddedToken[] tokens, bool leftmostFirst, string text) =>
        new AddedTokenMatcher(tokens, leftmostFirst).Cut(text, [(0, text.Length)]).Select(fragment => fragment.Id);
}
