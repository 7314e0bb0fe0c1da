using System.Globalization;
using System.Text;
using Parley.Host.Drills.ApiFuzzing;
using Parley.Inference;

namespace Parley.Host.Tests;

/// <summary>A short run of <c>drill fuzz-api</c>, that what it looks for would be found, and what it has found.</summary>
public sealed class ApiFuzzTests : IAsyncLifetime
{
    private const int Calls = 700;
    private readonly ModelServer _models = new();

    private TestServer Server => _models.Server;

    public ValueTask InitializeAsync()
    {
        // A model whose file names no end token, and whose template has none.
        var decoder = TinyModel.Create(contextLength: 512).Decoder;
        var bare = new LoadedModel("bare", decoder, TinyModel.Tokenizer, new() { Template = new("{{ messages[-1].content }}") });
        return _models.With(TinyModel.Create(contextLength: 512)).With(bare).With(ApiSeeds.Encoder, "bert, mean").With(ApiSeeds.Judge, "bert, classification head").StartAsync();
    }

    public ValueTask DisposeAsync() => _models.DisposeAsync();

    [Fact]
    public async Task No_request_is_a_fault_a_hang_or_a_leak()
    {
        var run = new ApiFuzzRun(Server.Http.BaseAddress!, seed: 20_261_122, deadline: TimeSpan.FromSeconds(60));
        var tally = await run.RunAsync(workers: 4, Calls, () => false, TestContext.Current.CancellationToken);
        Assert.Empty(tally.Findings.Select(finding => $"{finding.Call.Number} {finding.Call.Method} {finding.Call.Path}: {finding.Problem}\n{finding.Call.Excerpt()}"));
        Assert.Equal(Calls, tally.Calls);
        foreach (var route in new[] { "/v1/chat/completions", "/v1/completions", "/v1/embeddings", "/v1/rerank", "/v1/tokenize" })
        {
            Assert.True(tally.Counts.GetValueOrDefault(($"POST {route}", "200")) > 0, $"{route}: none was accepted; the changes are too crude.");
            Assert.True(tally.Counts.GetValueOrDefault(($"POST {route}", "400")) > 0, $"{route}: none was refused; the changes miss what matters.");
        }

        Assert.True(tally.Counts.Where(count => count.Key.Outcome == ApiSender.Left).Sum(count => count.Value) > Calls / 50);
    }

    [Fact]
    public async Task Every_good_request_is_accepted()
    {
        using var sender = new ApiSender(Server.Http.BaseAddress!, TimeSpan.FromSeconds(60));
        await sender.SendAsync(new ApiCall(0, "", "GET", "/parley/v1/conversations/{conversation}", null), default); // makes one
        foreach (var seed in ApiSeeds.All.Where(seed => !seed.Path.EndsWith("/continue", StringComparison.Ordinal)))
        {
            var body = seed.Body is null ? null : Encoding.UTF8.GetBytes(seed.Body);
            var (outcome, problem) = await sender.SendAsync(new ApiCall(0, seed.Endpoint, seed.Method, seed.Path, body), default);
            Assert.True(outcome.StartsWith('2') && problem is null, $"{seed.Endpoint}: {outcome} {problem} {seed.Body}");
        }
    }

    [Fact]
    public void A_call_can_be_made_again_by_its_number()
    {
        static string Told(ApiCall call) => string.Create(CultureInfo.InvariantCulture, $"{call} {Convert.ToHexString(call.Body ?? [])}");
        Assert.Equal(Told(new ApiCallMaker(5).Make(123) with { Body = null }), Told(new ApiCallMaker(5).Make(123) with { Body = null }));
        Assert.Equal(new ApiCallMaker(5).Make(124).Body, new ApiCallMaker(5).Make(124).Body);
        Assert.NotEqual(new ApiCallMaker(5).Make(123).ToString(), new ApiCallMaker(6).Make(123).ToString());
    }

    [Theory]
    [InlineData(500, "application/json", """{"error":{"message":"x","type":"y","param":null,"code":null}}""")]
    [InlineData(400, "application/json", """{"error":"x"}""")]
    [InlineData(400, "text/html", "<p>")]
    [InlineData(200, "application/json", """{"a":""")]
    [InlineData(200, "text/event-stream", "data: {}\n\n")]
    [InlineData(200, "text/event-stream", "data: {\"error\":{\"type\":\"server_error\"}}\n\ndata: [DONE]\n\n")]
    public void What_is_wrong_with_an_answer_would_be_found(int status, string type, string body) =>
        Assert.NotNull(ApiAnswerCheck.Problem(new ApiCall(0, "", "POST", "/v1/completions", []), status, type, Encoding.UTF8.GetBytes(body), isWhole: true));

    [Theory]
    [InlineData("/v1/chat/completions", """ "messages":[{"role":"user","content":"x"}],"response_format":{"type":"json_object"} """, "response_format")]
    [InlineData("/v1/completions", """ "prompt":"x","guided_regex":"a+" """, "guided_regex")]
    [InlineData("/v1/completions", """ "prompt":"x","guided_choice":["a"],"stream":true """, "guided_choice")]
    public async Task A_form_needs_a_token_that_ends_the_answer(string path, string fields, string param)
    {
        var (status, body) = await Server.PostAsync(path, $$"""{"model":"bare",{{fields}}}""");
        Assert.Equal((400, param), (status, (string?)body["error"]!["param"]));
        Assert.Contains("stop_token_ids", (string?)body["error"]!["message"], StringComparison.Ordinal);
        var whole = fields.Replace(",\"stream\":true", "", StringComparison.Ordinal);
        var (given, _) = await Server.PostAsync(path, $$"""{"model":"bare","stop_token_ids":[0],"max_tokens":4,{{whole}}}""");
        Assert.Equal(200, given);
    }

    [Theory]
    [InlineData("/v1/chat/completions")]
    [InlineData("/v1/tokenize")]
    [InlineData("/v1/detokenize")]
    [InlineData("/parley/v1/conversations")]
    public async Task What_is_no_text_is_refused_whoever_reads_it(string path)
    {
        string[] bodies = ["{\"model\":\"\\ud83d\"}", "{\"title\":\"\\ude00\\ud83d\"}", "{\"\\ud83d\":1}", "{\"a\":\"\\\\\\ud83d\\u0041\"}"];
        foreach (var body in bodies)
        {
            var (status, answer) = await Server.PostAsync(path, body);
            Assert.Equal((400, "invalid_encoding"), (status, (string?)answer["error"]!["code"]));
        }

        using var broken = new ByteArrayContent([.. "{\"model\":\""u8, 0xF0, 0x8F, 0x95, 0x98, .. "\"}"u8]);
        using var refused = await Server.Http.PostAsync(path, broken);
        Assert.Equal(400, (int)refused.StatusCode);
        Assert.Contains("at byte 11", await refused.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        var (pair, whole) = await Server.PostAsync("/v1/tokenize", "{\"model\":\"tiny\",\"prompt\":\"\\\\ud83d \\ud83d\\ude00\"}");
        Assert.Equal(200, pair);
        var (_, text) = await Server.PostAsync("/v1/detokenize", $"{{\"model\":\"tiny\",\"tokens\":{whole["tokens"]!.ToJsonString()}}}");
        Assert.Equal("\\ud83d 😀", (string?)text["prompt"]);
    }

    [Fact]
    public async Task What_a_refusal_repeats_of_the_caller_is_cut()
    {
        var name = string.Concat(Enumerable.Repeat("😀", 5000));
        var (status, body) = await Server.PostAsync("/v1/completions", $"{{\"model\":\"{name}\",\"prompt\":\"a\"}}");
        Assert.Equal(404, status);
        var message = (string)body["error"]!["message"]!;
        Assert.InRange(message.Length, 100, 1300);
        Assert.EndsWith("available: tiny, bare, bert, cross.", message, StringComparison.Ordinal);
        Assert.DoesNotContain('\uFFFD', message);
        var (_, unknown) = await Server.PostAsync("/v1/completions", $"{{\"model\":\"tiny\",\"prompt\":\"a\",\"{name}\":1}}");
        Assert.InRange(((string)unknown["error"]!["param"]!).Length, 100, 300);
    }
}
