using System.Net;
using System.Text.Json.Nodes;
using Parley.Gateway;
using Parley.Inference;
using Parley.Protocol.Generation;
using Parley.Tensors;

namespace Parley.Host.Tests;

/// <summary>The engine's door over HTTP: a full queue, a request that cannot fit, priorities, what the prefix cache saved. The test makes the engine's steps.</summary>
public sealed class AdmissionTests : IAsyncLifetime
{
    private readonly ComputeContext _context = new(threads: 1);
    private readonly LoadedModel _model = TinyModel.Create(contextLength: 128);
    private readonly Engine _engine;
    private readonly Replica _replica;
    private TestServer? _server;

    public AdmissionTests()
    {
        _engine = new Engine(_model.Decoder, new() { MaxWaiting = 8, ModelName = "tiny" }, _context, time: null, startThread: false);
        _replica = new Replica(_model, _engine);
    }

    public async ValueTask InitializeAsync() => _server = await TestServer.StartAsync(_replica);

    public async ValueTask DisposeAsync()
    {
        await _replica.DisposeAsync();
        await _server!.DisposeAsync();
        _context.Dispose();
        _model.Dispose();
    }

    [Fact]
    public async Task A_full_queue_is_429_with_retry_after_and_leaves_no_entry()
    {
        using var hangUp = new CancellationTokenSource();
        var waiting = _server!.Http.PostAsync("/v1/completions", Body("""{"model":"tiny","prompt":"the","n":8,"max_tokens":5}"""), hangUp.Token);
        await Until(() => _engine.State.Queue.Waiting == 8);
        using var refused = await _server.Http.PostAsync("/v1/completions", Body("""{"model":"tiny","prompt":"the"}"""));
        Assert.Equal(HttpStatusCode.TooManyRequests, refused.StatusCode);
        Assert.InRange(refused.Headers.RetryAfter!.Delta!.Value.TotalSeconds, 1, 120);
        var error = JsonNode.Parse(await refused.Content.ReadAsStringAsync())!["error"]!;
        Assert.Equal(("rate_limit_error", "queue_full"), ((string?)error["type"], (string?)error["code"]));

        await hangUp.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting);
        await Until(() => !_engine.Step() && _engine.State.Queue.Waiting == 0);
        var entry = Assert.Single(await _server.EntriesAsync(1)); // the refused one cost nothing
        Assert.Equal(_engine.Metrics.GenerationTokens, entry.OutputTokens);
    }

    [Fact]
    public async Task A_request_that_cannot_fit_is_refused_with_the_numbers()
    {
        var (status, body) = await _server!.PostAsync("/v1/completions", """{"model":"tiny","prompt":[1,2,3,4],"max_tokens":125}""");
        var error = body["error"]!;
        Assert.Equal((400, "context_length_exceeded", "max_tokens"), (status, (string?)error["code"], (string?)error["param"]));
        Assert.All(new[] { "4 tokens", "125", "129", "128", "124" }, number => Assert.Contains(number, (string)error["message"]!, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Priority_is_read_and_bounded()
    {
        var (status, body) = await _server!.PostAsync("/v1/completions", """{"model":"tiny","prompt":"the","priority":101}""");
        Assert.Equal((400, "priority"), (status, (string?)body["error"]!["param"]));
        var call = _server.PostAsync("/v1/completions", """{"model":"tiny","prompt":"the","priority":7}""");
        await Until(() => _engine.Step() && _engine.State.Scheduler.Running.Count == 1);
        Assert.Equal(7, _engine.State.Scheduler.Running.Single().Request.Priority);
        Assert.Equal(200, (await Stepping(call)).Status);
    }

    [Fact]
    public async Task Cached_tokens_are_in_usage_and_ledger()
    {
        var body = $$"""{"model":"tiny","prompt":[{{string.Join(',', Enumerable.Range(1, 40))}}],"max_tokens":4,"temperature":0}""";
        var cold = await Stepping(_server!.PostAsync("/v1/completions", body));
        var warm = await Stepping(_server.PostAsync("/v1/completions", body));
        Assert.Equal((0, 32), (Cached(cold.Body), Cached(warm.Body)));
        Assert.Equal((string?)cold.Body["choices"]![0]!["text"], (string?)warm.Body["choices"]![0]!["text"]);
        Assert.Equal([0, 32], (await _server.EntriesAsync(2)).Select(entry => entry.CachedTokens).Order());
        var metrics = await _server.Http.GetStringAsync("/metrics");
        Assert.Contains("vllm:prefix_cache_queries_total{model_name=\"tiny\"} 80\n", metrics, StringComparison.Ordinal);
        Assert.Contains("# TYPE vllm:prefix_cache_hits_total counter\n", metrics, StringComparison.Ordinal);
        Assert.Contains("vllm:prefix_cache_hits_total{model_name=\"tiny\"} 32\n", metrics, StringComparison.Ordinal);
        static int Cached(JsonNode answer) => (int)answer["usage"]!["prompt_tokens_details"]!["cached_tokens"]!;
    }

    [Fact]
    public async Task A_thousand_disconnects_leave_no_block_and_settle_every_token()
    {
        var gateway = _server!.Get<IReplica>();
        var random = new Random(5);
        for (var round = 0; round < 125; round++)
        {
            var readers = Task.WhenAll(Enumerable.Range(0, 8).Select(_ => ReadAndLeave(gateway, random.Next(1, 90), random.Next(10), random.Next(2) == 0)));
            while (!readers.IsCompleted)
            {
                _engine.Step();
                await Task.Yield();
            }

            await readers;
            _engine.Step(); // what was cancelled since the last one is gone within this one
            Assert.Equal((0, false), (_engine.State.Blocks.Used, _engine.State.Scheduler.HasWork));
        }

        Assert.Equal(0, _engine.State.Queue.Waiting);
        await _server.EntriesAsync(1000);
        var entries = await _server.Ledger.ReadAsync("local", 2000);
        Assert.Equal(1000, entries.Count);
        Assert.Equal(_engine.Metrics.GenerationTokens, entries.Sum(entry => (long)entry.OutputTokens));
        Assert.True(entries.Count(entry => entry.Outcome == "cancelled") > 500);
    }

    /// <summary>Leaves after some events, by cancelling or by not reading on; before the first token, in mid-answer, or not at all.</summary>
    private static async Task ReadAndLeave(IReplica replica, int promptLength, int events, bool cancels)
    {
        using var leaving = new CancellationTokenSource();
        var request = new GenerationRequest
        {
            Model = "tiny",
            Input = new GenerationInput.Tokens([.. Enumerable.Range(0, promptLength).Select(i => i * 7 % 200)]),
            Sampling = new() { Seed = (ulong)promptLength },
            MaxOutputTokens = 10,
        };
        await using var reader = replica.Generate(request, leaving.Token).GetAsyncEnumerator(CancellationToken.None);
        for (var i = 0; await reader.MoveNextAsync() && (cancels || i < events); i++)
        {
            if (i == events)
            {
                await leaving.CancelAsync();
            }
        }
    }

    private async Task<(int Status, JsonNode Body)> Stepping(Task<(int Status, JsonNode Body)> call)
    {
        await Until(() => !_engine.Step() && call.IsCompleted);
        return await call;
    }

    private static async Task Until(Func<bool> holds)
    {
        while (!holds())
        {
            TestContext.Current.CancellationToken.ThrowIfCancellationRequested();
            await Task.Yield();
        }
    }

    private static StringContent Body(string json) => new(json, System.Text.Encoding.UTF8, "application/json");
}
