using System.Diagnostics.Metrics;
using Parley.Gateway.Accounting;
using Parley.Protocol.Generation;

namespace Parley.Gateway.Telemetry;

/// <summary>
/// What a caller experiences, under OpenTelemetry's generative-AI names (semantic conventions "gen_ai"). The engine's own view, under vLLM's
/// names, comes from Inference.
/// </summary>
public sealed class GatewayMetrics : IDisposable
{
    public const string MeterName = "Parley.Gateway";

    private readonly Meter _meter = new(MeterName);
    private readonly Histogram<double> _duration;
    private readonly Histogram<double> _firstToken;
    private readonly Histogram<double> _perToken;
    private readonly Counter<long> _tokens;
    private readonly UpDownCounter<long> _running;

    public GatewayMetrics(Ledger ledger)
    {
        _duration = _meter.CreateHistogram<double>("gen_ai.server.request.duration", "s", "From admission to settlement, by outcome.");
        _firstToken = _meter.CreateHistogram<double>("gen_ai.server.time_to_first_token", "s", "From admission to the first token.");
        _perToken = _meter.CreateHistogram<double>("gen_ai.server.time_per_output_token", "s", "Mean time of a request's tokens after the first.");
        _tokens = _meter.CreateCounter<long>("gen_ai.client.token.usage", "{token}", "Tokens settled in the ledger, by type.");
        _running = _meter.CreateUpDownCounter<long>("parley.gateway.requests.running", "{request}", "Requests admitted and not yet settled.");
        _meter.CreateObservableGauge("parley.ledger.reserved_tokens", () => ledger.ReservedTokens, "{token}", "Tokens reserved by running requests.");
    }

    public void Dispose() => _meter.Dispose();

    internal void Admitted(string model) => _running.Add(1, Model(model));

    internal void FirstToken(string model, TimeSpan sinceAdmission) => _firstToken.Record(sinceAdmission.TotalSeconds, Model(model));

    internal void Refused(string model) => _running.Add(-1, Model(model));

    internal void Settled(string model, Outcome outcome, Usage usage, TimeSpan duration, TimeSpan? afterFirstToken)
    {
        _running.Add(-1, Model(model));
        _duration.Record(duration.TotalSeconds, Model(model), new("outcome", outcome.Name()));
        _tokens.Add(usage.PromptTokens, Model(model), new("gen_ai.token.type", "input"));
        _tokens.Add(usage.OutputTokens, Model(model), new("gen_ai.token.type", "output"));
        if (afterFirstToken is { } time && usage.OutputTokens > 1)
        {
            _perToken.Record(time.TotalSeconds / (usage.OutputTokens - 1), Model(model));
        }
    }

    private static KeyValuePair<string, object?> Model(string model) => new("gen_ai.request.model", model);
}
