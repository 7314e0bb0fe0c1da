using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;

namespace Parley.Host.Drills.ApiFuzzing;

/// <summary>
/// Sends random calls to a server until it is enough, some at a time, and counts what comes back. Afterwards the server must be as it was: nothing runs,
/// waits, holds a block or has tokens reserved, and it still answers.
/// </summary>
internal sealed class ApiFuzzRun(Uri server, ulong seed, TimeSpan deadline, Func<TimeSpan>? processorTime = null)
{
    private const int MostFindings = 20;
    private const int MostSlow = 5;

    /// <summary>What must be back at 0 once all callers have left, as /metrics calls it.</summary>
    private static readonly string[] Quiet =
    [
        "vllm:num_requests_running", "vllm:num_requests_waiting", "vllm:kv_cache_usage_perc", "parley_gateway_requests_running", "parley_ledger_reserved_tokens",
    ];

    private static readonly TimeSpan Settling = TimeSpan.FromSeconds(30);

    private readonly ApiCallMaker _calls = new(seed);
    private readonly ConcurrentDictionary<(string Endpoint, string Outcome), long> _counts = new();
    private readonly ConcurrentQueue<ApiFinding> _findings = new();
    private readonly PriorityQueue<ApiSlowCall, TimeSpan> _slowest = new();
    private long _next = -1;

    /// <param name="workers">Calls at a time.</param>
    /// <param name="end">Calls at most.</param>
    /// <param name="stop">Enough.</param>
    public async Task<ApiTally> RunAsync(int workers, long end, Func<bool> stop, CancellationToken cancellationToken)
    {
        using var sender = new ApiSender(server, deadline);
        await Task.WhenAll(Enumerable.Range(0, workers).Select(_ => WorkAsync(sender, end, stop, cancellationToken)));
        if (await UnrestAsync(cancellationToken) is { } unrest)
        {
            _findings.Enqueue(new(new(-1, "GET /metrics", "GET", "/metrics", null), unrest));
        }

        if (await SilenceAsync(sender, cancellationToken) is { } silence)
        {
            _findings.Enqueue(silence);
        }

        var slowest = _slowest.UnorderedItems.OrderByDescending(slow => slow.Priority).Select(slow => slow.Element);
        return new ApiTally(Math.Min(Interlocked.Read(ref _next) + 1, end), _counts, [.. _findings], [.. slowest]);
    }

    private async Task WorkAsync(ApiSender sender, long end, Func<bool> stop, CancellationToken cancellationToken)
    {
        while (!stop() && _findings.Count < MostFindings && Interlocked.Increment(ref _next) is var number && number < end)
        {
            var call = _calls.Make(number);
            var (began, computed) = (Stopwatch.GetTimestamp(), processorTime?.Invoke());
            var (outcome, problem) = await sender.SendAsync(call, cancellationToken);
            Keep(new(call, Stopwatch.GetElapsedTime(began), processorTime?.Invoke() - computed));
            _counts.AddOrUpdate((call.Endpoint, outcome), 1, (_, count) => count + 1);
            if (problem is not null)
            {
                _findings.Enqueue(new(call, problem));
            }
        }
    }

    private void Keep(ApiSlowCall slow)
    {
        lock (_slowest)
        {
            _slowest.Enqueue(slow, slow.Computed ?? slow.Took);
            if (_slowest.Count > MostSlow)
            {
                _slowest.Dequeue();
            }
        }
    }

    /// <summary>Null once nothing is under way any more; otherwise what still is after a good while.</summary>
    private async Task<string?> UnrestAsync(CancellationToken cancellationToken)
    {
        using var http = new HttpClient { BaseAddress = server };
        for (var began = Stopwatch.GetTimestamp(); ;)
        {
            var metrics = await http.GetStringAsync("/metrics", cancellationToken);
            string[] busy = [.. metrics.Split('\n').Where(line => Quiet.Any(name => line.StartsWith(name, StringComparison.Ordinal)) && !line.EndsWith(" 0", StringComparison.Ordinal))];
            if (busy.Length == 0)
            {
                return Quiet.FirstOrDefault(name => !metrics.Contains("\n" + name, StringComparison.Ordinal)) is { } missing ? $"/metrics has no {missing}" : null;
            }

            if (Stopwatch.GetElapsedTime(began) > Settling)
            {
                return $"after all callers have left: {string.Join("; ", busy)}";
            }

            await Task.Delay(20, cancellationToken);
        }
    }

    /// <summary>The first good request must still be answered.</summary>
    private static async Task<ApiFinding?> SilenceAsync(ApiSender sender, CancellationToken cancellationToken)
    {
        var seed = ApiSeeds.All[0];
        var call = new ApiCall(-1, seed.Endpoint, seed.Method, seed.Path, System.Text.Encoding.UTF8.GetBytes(seed.Body!));
        var (outcome, problem) = await sender.SendAsync(call, cancellationToken);
        return outcome == "200" && problem is null ? null : new(call, $"a good request at the end: {outcome.ToString(CultureInfo.InvariantCulture)} {problem}");
    }
}
