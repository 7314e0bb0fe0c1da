using System.Diagnostics.Metrics;

namespace Parley.Inference;

/// <summary>
/// What an engine tells the outside, under vLLM's metric names so that its dashboards fit. One meter an engine; each measurement carries
/// the tag <c>model_name</c>. Counts are plain numbers that a listener comes to read, so that a step tells nobody anything but its times.
/// </summary>
public sealed class EngineMetrics : IDisposable
{
    public const string MeterName = "Parley.Inference";

    private readonly Meter _meter = new(MeterName);
    private readonly KeyValuePair<string, object?> _model;
    private readonly KeyValuePair<string, object?>[] _tags;
    private readonly Counter<long> _finished;
    private readonly Histogram<double> _firstToken, _perToken;
    private long _promptTokens, _generationTokens, _preemptions, _prefixQueries, _prefixHits, _drafts, _draftTokens, _acceptedTokens;
    private int _running, _waiting;
    private double _cacheUsage;

    internal EngineMetrics(string modelName)
    {
        _model = new("model_name", modelName);
        _tags = [_model];
        _meter.CreateObservableGauge("vllm:num_requests_running", () => new Measurement<int>(Running, _tags), null, "Sequences with blocks in the cache.");
        _meter.CreateObservableGauge("vllm:num_requests_waiting", () => new Measurement<int>(Waiting, _tags), null, "Sequences that wait for room.");
        _meter.CreateObservableGauge("vllm:kv_cache_usage_perc", () => new Measurement<double>(CacheUsage, _tags), null, "Blocks in use, 0 to 1.");
        Count("vllm:prompt_tokens_total", "Prompt tokens of sequences that had their first token, found in the prefix cache or computed.", () => PromptTokens);
        Count("vllm:generation_tokens_total", "Tokens sampled.", () => GenerationTokens);
        Count("vllm:num_preemptions_total", "Times a sequence gave up its blocks.", () => Volatile.Read(ref _preemptions));
        Count("vllm:prefix_cache_queries_total", "Tokens of newcomers looked up in the prefix cache.", () => PrefixQueries);
        Count("vllm:prefix_cache_hits_total", "Tokens of newcomers found in the prefix cache.", () => PrefixHits);
        Count("vllm:spec_decode_num_drafts_total", "Guesses of one or more tokens.", () => Volatile.Read(ref _drafts));
        Count("vllm:spec_decode_num_draft_tokens_total", "Tokens guessed.", () => DraftTokens);
        Count("vllm:spec_decode_num_accepted_tokens_total", "Guessed tokens that came true.", () => AcceptedTokens);
        _finished = _meter.CreateCounter<long>("vllm:request_success_total", null, "Sequences that ended, by finished_reason.");
        _firstToken = _meter.CreateHistogram<double>("vllm:time_to_first_token_seconds", "s", "From submission to the first token.");
        _perToken = _meter.CreateHistogram<double>("vllm:time_per_output_token_seconds", "s", "From one token of a sequence to its next.");
    }

    /// <summary>Sequences with blocks after the last step.</summary>
    public int Running => Volatile.Read(ref _running);

    /// <summary>Sequences without blocks after the last step.</summary>
    public int Waiting => Volatile.Read(ref _waiting);

    /// <summary>Blocks in use after the last step, 0 to 1; those that only the prefix cache keeps are not in use.</summary>
    public double CacheUsage => Volatile.Read(ref _cacheUsage);

    /// <summary>Prompt tokens so far, each sequence's once.</summary>
    public long PromptTokens => Volatile.Read(ref _promptTokens);

    /// <summary>Tokens sampled so far.</summary>
    public long GenerationTokens => Volatile.Read(ref _generationTokens);

    /// <summary>Tokens looked up in the prefix cache.</summary>
    public long PrefixQueries => Volatile.Read(ref _prefixQueries);

    /// <summary>Tokens found in the prefix cache.</summary>
    public long PrefixHits => Volatile.Read(ref _prefixHits);

    /// <summary>Tokens guessed by prompt lookup.</summary>
    public long DraftTokens => Volatile.Read(ref _draftTokens);

    /// <summary>Guessed tokens that were the right ones.</summary>
    public long AcceptedTokens => Volatile.Read(ref _acceptedTokens);

    public void Dispose() => _meter.Dispose();

    /// <summary>True for the instruments of this engine, where several engines share a process.</summary>
    internal bool Owns(Instrument instrument) => instrument.Meter == _meter;

    internal void Observe(Scheduler scheduler, BlockAllocator blocks, PrefixCache? prefixes)
    {
        Volatile.Write(ref _running, scheduler.Running.Count);
        Volatile.Write(ref _waiting, scheduler.Waiting.Count);
        Volatile.Write(ref _cacheUsage, (double)blocks.Used / blocks.Total);
        Volatile.Write(ref _preemptions, scheduler.Preemptions);
        Volatile.Write(ref _prefixQueries, prefixes?.Queries ?? 0);
        Volatile.Write(ref _prefixHits, prefixes?.Hits ?? 0);
    }

    internal void FirstToken(int promptTokens, TimeSpan sinceSubmission)
    {
        Volatile.Write(ref _promptTokens, _promptTokens + promptTokens);
        _firstToken.Record(sinceSubmission.TotalSeconds, _model);
        Token();
    }

    internal void NextToken(TimeSpan sinceLast)
    {
        _perToken.Record(sinceLast.TotalSeconds, _model);
        Token();
    }

    internal void Guessed(int tokens, int accepted)
    {
        Volatile.Write(ref _drafts, _drafts + 1);
        Volatile.Write(ref _draftTokens, _draftTokens + tokens);
        Volatile.Write(ref _acceptedTokens, _acceptedTokens + accepted);
    }

    internal void Finished(string reason) => _finished.Add(1, _model, new("finished_reason", reason));

    private void Token() => Volatile.Write(ref _generationTokens, _generationTokens + 1);

    private void Count(string name, string description, Func<long> value) =>
        _meter.CreateObservableCounter(name, () => new Measurement<long>(value(), _tags), null, description);
}
