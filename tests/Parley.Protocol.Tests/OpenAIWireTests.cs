using System.Text.Json;
using Parley.Protocol.Generation;
using Parley.Protocol.OpenAI;

namespace Parley.Protocol.Tests;

/// <summary>The wire types as bytes.</summary>
public sealed class OpenAIWireTests
{
    [Fact]
    public void An_error_shows_all_four_members() => Assert.Equal(
        """{"error":{"message":"„No“","type":"t","param":null,"code":"c"}}""",
        JsonSerializer.Serialize(new ErrorBody(new("„No“", "t", null, "c")), OpenAIJson.Wire.ErrorBody));

    [Fact]
    public void A_models_list_is_as_openai_has_it() => Assert.Equal(
        """{"data":[{"id":"m","object":"model","created":5,"owned_by":"parley","context_length":64,"version":"w"}],"object":"list"}""",
        JsonSerializer.Serialize(new ModelList([ModelObject.Of(new ModelDescription("m", "w", 64, 1, 5))]), OpenAIJson.Wire.ModelList));

    [Fact]
    public void Log_probabilities_have_the_tokens_bytes_and_no_infinity()
    {
        var half = new TokenLogProbability(1, "\uFFFD", float.NegativeInfinity, []);
        var chat = ChatLogProbabilities.Of([new TokenLogProbability(0, "é", -0.5f, [half]) { Bytes = [0xC3, 0xA9] }])!;
        var token = Assert.Single(chat.Content);
        Assert.Equal([0xC3, 0xA9], token.Bytes!);
        var top = Assert.Single(token.TopLogprobs!);
        Assert.Equal((ChatLogProbability.Least, null, null), (top.Logprob, top.Bytes, top.TopLogprobs));
        Assert.Null(ChatLogProbabilities.Of(null));
    }

    [Fact]
    public void Completion_log_probabilities_count_offsets_and_keep_the_likelier_of_two_that_read_alike()
    {
        TokenLogProbability[] alike = [new(2, "b", -0.1f, []), new(3, "b", -5f, [])];
        var logs = CompletionLogProbabilities.Of([new(0, "ab", -1, alike) { Bytes = "ab"u8.ToArray() }, new(1, "c", -2, []) { Bytes = "c"u8.ToArray() }], new TextOffsets())!;
        Assert.Equal([0, 2], logs.TextOffset);
        Assert.Equal(-0.1f, logs.TopLogprobs[0]!["b"]);
    }
}
