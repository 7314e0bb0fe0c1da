using System.Diagnostics.Metrics;

namespace Parley.Inference;

/// <summary>
/// What an engine tells the outside, under vLLM's metric names so that its dashboards fit. One meter an engine; each measurement carries
/// the tag <c>model_name</c>.
/// </summary>
public sealed class EngineMetrics : IDisposable
{
    public const string MeterName = "Parley.Inference";

    private readonly Meter _meter = new(MeterName);
    private readonly KeyValuePair<string, object?> _model;
    private readonly Counter<long> _prompt, _generated, _preemptions, _finished;
    private readonly Histogram<double> _firstToken, _perToken;
    private long _promptTokens, _generationTokens;
    private int _running, _waiting;
    private double _cacheUsage;

    internal EngineMetrics(string modelName)
    {
        _model = new("model_name", modelName);
        KeyValuePair<string, object?>[] tags = [_model];
        _meter.CreateObservableGauge("vllm:num_requests_running", () => new Measurement<int>(Running, tags), null, "Sequences with blocks in the cache.");
        _meter.CreateObservableGauge("vllm:num_requests_waiting", () => new Measurement<int>(Waiting, tags), null, "Sequences that wait for room.");
        _meter.CreateObservableGauge("vllm:kv_cache_usage_perc", () => new Measurement<double>(CacheUsage, tags), null, "Blocks in use, 0 to 1.");
        _prompt = _meter.CreateCounter<long>("vllm:prompt_tokens_total", null, "Prompt tokens run through the model, once for each sequence.");
        _generated = _meter.CreateCounter<long>("vllm:generation_tokens_total", null, "Tokens sampled.");
        _preemptions = _meter.CreateCounter<long>("vllm:num_preemptions_total", null, "Times a sequence gave up its blocks.");
        _finished = _meter.CreateCounter<long>("vllm:request_success_total", null, "Sequences that ended, by finished_reason.");
        _firstToken = _meter.CreateHistogram<double>("vllm:time_to_first_token_seconds", "s", "From submission to the first token.");
        _perToken = _meter.CreateHistogram<double>("vllm:time_per_output_token_seconds", "s", "From one token of a sequence to its next.");
    }

    /// <summary>Sequences with blocks after the last step.</summary>
    public int Running => Volatile.Read(ref _running);

    /// <summary>Sequences without blocks after the last step.</summary>
    public int Waiting => Volatile.Read(ref _waiting);

    /// <summary>Blocks in use after the last step, 0 to 1.</summary>
    public double CacheUsage => Volatile.Read(ref _cacheUsage);

    /// <summary>Prompt tokens so far, each sequence's once.</summary>
    public long PromptTokens => Interlocked.Read(ref _promptTokens);

    /// <summary>Tokens sampled so far.</summary>
    public long GenerationTokens => Interlocked.Read(ref _generationTokens);

    public void Dispose() => _meter.Dispose();

    /// <summary>True for the instruments of this engine, where several engines share a process.</summary>
    internal bool Owns(Instrument instrument) => instrument.Meter == _meter;

    internal void Observe(Scheduler scheduler, BlockAllocator blocks)
    {
        Volatile.Write(ref _running, scheduler.Running.Count);
        Volatile.Write(ref _waiting, scheduler.Waiting.Count);
        Volatile.Write(ref _cacheUsage, (double)blocks.Used / blocks.Total);
    }

    internal void FirstToken(int promptTokens, TimeSpan sinceSubmission)
    {
        Interlocked.Add(ref _promptTokens, promptTokens);
        _prompt.Add(promptTokens, _model);
        _firstToken.Record(sinceSubmission.TotalSeconds, _model);
        Token();
    }

    internal void NextToken(TimeSpan sinceLast)
    {
        _perToken.Record(sinceLast.TotalSeconds, _model);
        Token();
    }

    internal void Preempted(long times)
    {
        if (times > 0)
        {
            _preemptions.Add(times, _model);
        }
    }

    internal void Finished(string reason) => _finished.Add(1, _model, new("finished_reason", reason));

    private void Token()
    {
        Interlocked.Increment(ref _generationTokens);
        _generated.Add(1, _model);
    }
}
