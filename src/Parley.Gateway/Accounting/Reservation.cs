using System.Text.Json;
using Parley.Protocol;
using Parley.Protocol.Accounting;
using Parley.Protocol.Events;
using Parley.Protocol.Generation;

namespace Parley.Gateway.Accounting;

/// <summary>
/// What one running request may cost at most, until it is settled with what it did cost. Settling is idempotent: the first outcome counts, and
/// the store keeps one entry a generation in any case.
/// </summary>
public sealed class Reservation
{
    private readonly Ledger _ledger;
    private readonly ILedgerStore _store;
    private readonly TimeProvider _time;
    private readonly GenerationRequest _request;
    private readonly long _startedAt;
    private readonly long _outputBound;
    private int _settled;

    internal Reservation(Ledger ledger, ILedgerStore store, TimeProvider time, GenerationRequest request, long inputBound, long outputBound)
    {
        (_ledger, _store, _time, _request) = (ledger, store, time, request);
        (_startedAt, _outputBound, Tokens) = (time.UtcMicroseconds(), outputBound, inputBound + outputBound);
        _ledger.Add(Tokens);
    }

    /// <summary>The bound now.</summary>
    public long Tokens { get; private set; }

    public bool IsSettled => Volatile.Read(ref _settled) != 0;

    /// <summary>The replica has counted the prompt: the guess by bytes gives way to the number.</summary>
    public void Correct(int promptTokens)
    {
        var corrected = promptTokens + _outputBound;
        _ledger.Add(corrected - Tokens);
        Tokens = corrected;
    }

    /// <summary>Gives everything back without an entry: the request was refused before it cost anything.</summary>
    public void Release()
    {
        if (Interlocked.Exchange(ref _settled, 1) == 0)
        {
            _ledger.Add(-Tokens);
        }
    }

    /// <summary>Writes the entry and its event, once.</summary>
    /// <param name="usage">Exactly what the engine produced.</param>
    /// <param name="modelVersion">The weights id that answered; empty when none did.</param>
    public async Task SettleAsync(Outcome outcome, Usage usage, string modelVersion)
    {
        if (Interlocked.Exchange(ref _settled, 1) != 0)
        {
            return;
        }

        _ledger.Add(-Tokens);
        var entry = new LedgerEntry
        {
            GenerationId = _request.Id,
            ProjectId = _request.ProjectId,
            UserId = _request.UserId,
            KeyId = _request.KeyId,
            Model = _request.Model,
            ModelVersion = modelVersion,
            PromptTokens = usage.PromptTokens,
            OutputTokens = usage.OutputTokens,
            CachedTokens = usage.CachedTokens,
            Outcome = outcome.Name(),
            Recorded = Ledger.RecordedJson(_request),
            StartedAt = _startedAt,
            SettledAt = _time.UtcMicroseconds(),
        };

        // Settling belongs to every end, a cancelled one too: no token is passed on.
        await _store.SettleAsync([new Settlement(entry, EventOf(entry))], CancellationToken.None);
    }

    private static OutboxEvent EventOf(LedgerEntry entry) => new()
    {
        Type = "generation." + entry.Outcome,
        Time = entry.SettledAt,
        ProjectId = entry.ProjectId,
        Subject = entry.UserId,
        GenerationId = entry.GenerationId,
        Payload = JsonSerializer.Serialize(GenerationEnded.Of(entry), GatewayJson.Default.GenerationEnded),
    };
}

/// <summary>How a request ended.</summary>
public enum Outcome
{
    Completed,
    Cancelled,
    Failed,
}

internal static class Outcomes
{
    public static string Name(this Outcome outcome) => outcome switch
    {
        Outcome.Completed => "completed",
        Outcome.Cancelled => "cancelled",
        _ => "failed",
    };
}
