using FsCheck;
using FsCheck.Fluent;

namespace Parley.Text.Tests;

public sealed class StreamingTests
{
    private static readonly BpeTokenizer Tokenizer = SampleTokenizer.Instance;

    [Fact]
    public void Streamed_pieces_joined_equal_the_whole_decode() =>
        Prop.ForAll(Gen.Choose(0, Tokenizer.VocabularySize - 1).ArrayOf().ToArbitrary(), ids =>
        {
            var stream = new StreamingDetokenizer(Tokenizer);
            return string.Concat(ids.Select(stream.Push)) + stream.Flush() == Tokenizer.DecodeText(ids);
        }).QuickCheckThrowOnFailure();

    /// <summary>Bytes at random, control tokens between them: each broken character is replaced once, as in the whole text, and no control token shows.</summary>
    [Fact]
    public void Random_bytes_and_control_tokens_stream_as_the_whole_reads()
    {
        var bytes = Enumerable.Range(0, Tokenizer.VocabularySize).Where(id => Tokenizer.TokenBytes(id).Length == 1).ToArray();
        var starts = bytes.Where(id => Tokenizer.TokenBytes(id)[0] >= 0x80).ToArray();
        var controls = Tokenizer.Special.All.Select(token => token.Value).ToArray();
        var ids = Gen.Frequency((3, Gen.Elements(bytes)), (5, Gen.Elements(starts)), (1, Gen.Elements(controls))).ArrayOf();
        Prop.ForAll(ids.ToArbitrary(), tokens =>
        {
            var stream = new StreamingDetokenizer(Tokenizer);
            string[] pieces = [.. tokens.Select(stream.Push), stream.Flush()];
            byte[] whole = [.. tokens.SelectMany(id => Tokenizer.TokenBytes(id).ToArray())];
            return string.Concat(pieces) == System.Text.Encoding.UTF8.GetString(whole)
                && Array.TrueForAll(pieces, piece => piece.Length == 0 || (!char.IsHighSurrogate(piece[^1]) && !char.IsLowSurrogate(piece[0])));
        }).QuickCheckThrowOnFailure();
    }

    [Fact]
    public void No_piece_holds_half_a_character() =>
        Prop.ForAll(Gen.Elements("😀", "你", "é", "a", "👩‍👩‍👧").ListOf().Select(list => string.Concat(list)).ToArbitrary(), text =>
        {
            var stream = new StreamingDetokenizer(Tokenizer);
            var pieces = Tokenizer.Encode(text).Select(stream.Push).ToArray();
            return string.Concat(pieces) == text
                && Array.TrueForAll(pieces, piece => !piece.Contains('\uFFFD') && (piece.Length == 0 || !char.IsHighSurrogate(piece[^1])));
        }).QuickCheckThrowOnFailure();

    /// <summary>Against the definition: the text ends before the stop that is complete first, however it was cut.</summary>
    [Fact]
    public void The_stop_matcher_never_leaks_and_never_loses()
    {
        var pieces = Gen.Elements("a", "b", "ab", "ba", "c", "abc", "aab").ListOf();
        var stops = Gen.Elements("ab", "abab", "bc", "c", "aaba", "bb").ListOf();
        Prop.ForAll(pieces.ToArbitrary(), stops.ToArbitrary(), (cut, ends) =>
        {
            var matcher = new StopMatcher(ends);
            var sent = string.Concat(cut.Select(matcher.Push)) + matcher.Flush();
            return sent == Expected(string.Concat(cut), ends) && matcher.Stopped == ends.Any(stop => string.Concat(cut).Contains(stop, StringComparison.Ordinal));
        }).QuickCheckThrowOnFailure();
    }

    [Fact]
    public void Text_that_cannot_become_a_stop_is_sent_at_once()
    {
        var matcher = new StopMatcher(["END"]);
        Assert.Equal("abc", matcher.Push("abc"));
        Assert.Equal("", matcher.Push("EN"));
        Assert.Equal("ENx", matcher.Push("x"));
        Assert.Equal("", matcher.Push("END and more"));
        Assert.Equal("END", matcher.Matched);
        Assert.Equal("", matcher.Push("after"));
    }

    [Fact]
    public void An_empty_stop_string_is_refused() => Assert.Throws<ArgumentException>(() => new StopMatcher(["x", ""]));

    private static string Expected(string text, IEnumerable<string> stops)
    {
        for (var end = 1; end <= text.Length; end++)
        {
            var longest = stops.Where(stop => text[..end].EndsWith(stop, StringComparison.Ordinal)).MaxBy(stop => stop.Length);
            if (longest is not null)
                return text[..(end - longest.Length)];
        }

        return text;
    }
}
