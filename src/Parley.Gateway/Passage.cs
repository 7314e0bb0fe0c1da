using Parley.Gateway.Accounting;
using Parley.Gateway.Routing;
using Parley.Gateway.Telemetry;
using Parley.Protocol.Errors;
using Parley.Protocol.Generation;

namespace Parley.Gateway;

/// <summary>
/// One request on its way through the gateway: reads the replica's events and settles the ledger at the end. When the reader leaves
/// early, the replica is cancelled and its last events are still read, because only they carry the exact count.
/// </summary>
internal sealed class Passage : IAsyncDisposable
{
    private readonly GenerationRequest _request;
    private readonly Route _route;
    private readonly Reservation _reservation;
    private readonly GatewayMetrics _metrics;
    private readonly TimeProvider _time;
    private readonly CancellationTokenSource _cancellation;
    private readonly IAsyncEnumerator<GenerationEvent> _events;
    private readonly long _admitted;
    private Usage _usage = new(0, 0);
    private string _version = "";
    private long _sequence;
    private long? _firstToken;
    private bool _cancelled;
    private bool _ended;

    public Passage(
        GenerationRequest request, Route route, Reservation reservation, GatewayMetrics metrics, TimeProvider time, CancellationToken cancellationToken)
    {
        (_request, _route, _reservation, _metrics, _time) = (request, route, reservation, metrics, time);
        _cancellation = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        _admitted = time.GetTimestamp();
        metrics.Admitted(request.Model);
        _events = route.Replica.Generate(request, _cancellation.Token).GetAsyncEnumerator(CancellationToken.None);
    }

    /// <summary>The next event; null after the last. Before the first event a refusal is thrown; later a failure is an event.</summary>
    public async ValueTask<GenerationEvent?> NextAsync()
    {
        if (_ended)
        {
            return null;
        }

        try
        {
            if (await _events.MoveNextAsync())
            {
                return await SeenAsync(_events.Current);
            }

            return await FailedAsync(new InvalidOperationException("the replica's stream ended without an end"));
        }
        catch (Exception error) when (!_ended)
        {
            if (_sequence > 0)
            {
                return await FailedAsync(error);
            }

            await EndBeforeStartAsync(error);
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (!_ended)
        {
            await _cancellation.CancelAsync();
            while (await NextOrEndAsync())
            {
            }
        }

        await _events.DisposeAsync();
        _cancellation.Dispose();
    }

    private async ValueTask<bool> NextOrEndAsync()
    {
        try
        {
            return await NextAsync() is not null;
        }
        catch (Exception) when (_ended)
        {
            // Settled; nobody is left to tell.
            return false;
        }
    }

    private async ValueTask<GenerationEvent> SeenAsync(GenerationEvent entry)
    {
        _sequence = entry.Sequence;
        switch (entry.Kind)
        {
            case GenerationEventKind.Started:
                _version = entry.ModelVersion ?? _route.Model.Version;
                _usage = entry.Usage ?? _usage;
                _reservation.Correct(_usage.PromptTokens);
                break;
            case GenerationEventKind.Delta:
                Count(entry);
                break;
            case GenerationEventKind.Finished:
                _cancelled |= entry.FinishReason == FinishReason.Cancelled;
                break;
            case GenerationEventKind.Completed:
                _usage = entry.Usage ?? _usage;
                await SettleAsync(_cancelled ? Outcome.Cancelled : Outcome.Completed);
                break;
            case GenerationEventKind.Failed:
                _usage = entry.Usage ?? _usage;
                await SettleAsync(Outcome.Failed);
                break;
        }

        return entry;
    }

    // Deltas are counted too: should the replica die without its last event, they are what is known to have been produced.
    private void Count(GenerationEvent delta)
    {
        _usage = _usage with { OutputTokens = _usage.OutputTokens + delta.TokenIds.Count };
        if (_firstToken is null && delta.TokenIds.Count > 0)
        {
            _firstToken = _time.GetTimestamp();
            _metrics.FirstToken(_request.Model, _time.GetElapsedTime(_admitted));
        }
    }

    private async ValueTask<GenerationEvent> FailedAsync(Exception cause)
    {
        var error = cause is ParleyException known
            ? known.Error
            : new ParleyError($"The model '{_request.Model}' failed in mid-answer; try again. ({cause.Message})", "server_error", null, "replica_failed");
        await SettleAsync(Outcome.Failed);
        return new GenerationEvent
        {
            Generation = _request.Id,
            Sequence = _sequence + 1,
            Kind = GenerationEventKind.Failed,
            Usage = _usage,
            Error = error,
        };
    }

    // A refusal (prompt too long, parameter out of range ...) cost nothing: it leaves no entry, and the caller may ask again under the same id.
    private async ValueTask EndBeforeStartAsync(Exception error)
    {
        if (error is not ParleyException { Status: < 500 })
        {
            await SettleAsync(error is OperationCanceledException ? Outcome.Cancelled : Outcome.Failed);
            return;
        }

        _ended = true;
        _reservation.Release();
        _metrics.Refused(_request.Model);
    }

    private async ValueTask SettleAsync(Outcome outcome)
    {
        _ended = true;
        var afterFirst = _firstToken is { } first ? _time.GetElapsedTime(first) : (TimeSpan?)null;
        _metrics.Settled(_request.Model, outcome, _usage, _time.GetElapsedTime(_admitted), afterFirst);
        await _reservation.SettleAsync(outcome, _usage, _version);
    }
}
