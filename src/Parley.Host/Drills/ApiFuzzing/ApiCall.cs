using System.Globalization;
using System.Text;

namespace Parley.Host.Drills.ApiFuzzing;

/// <summary>One request as it goes over the wire.</summary>
/// <param name="Number">With the seed it tells all the rest.</param>
/// <param name="Endpoint">Method and route, as the table counts them.</param>
/// <param name="Path">May hold {conversation}, {message}, {generation}: whatever is there when it is sent.</param>
/// <param name="Body">Null where the method has none.</param>
internal sealed record ApiCall(long Number, string Endpoint, string Method, string Path, byte[]? Body)
{
    public ApiDelivery Delivery { get; init; }

    /// <summary>Bytes of the body that are sent, or of the answer that are read, before the connection is cut.</summary>
    public int CutAfter { get; init; }

    public string? ContentType { get; init; } = "application/json";

    /// <summary>A command that sends it again; the body lies in the file.</summary>
    public string Reproducer(string file) => string.Create(
        CultureInfo.InvariantCulture,
        $"curl -sS -X {Method} 'http://127.0.0.1:8080{Path}' -H 'Content-Type: {ContentType}'{(Body is null ? "" : $" --data-binary @{file}")}{(Delivery == ApiDelivery.Whole ? "" : $"  # {Delivery} after {CutAfter} bytes")}");

    public string Excerpt() => Body is null ? "" : Encoding.UTF8.GetString(Body.AsSpan(0, Math.Min(300, Body.Length)));
}

/// <summary>How far a call goes.</summary>
internal enum ApiDelivery
{
    Whole,

    /// <summary>The caller hangs up before the body is whole.</summary>
    CutsBody,

    /// <summary>The caller hangs up in the middle of the answer.</summary>
    LeavesAnswer,

    /// <summary>The caller hangs up without reading.</summary>
    LeavesAtOnce,
}

/// <summary>A call that was not answered as it must be.</summary>
internal sealed record ApiFinding(ApiCall Call, string Problem);

/// <summary>What came of many calls.</summary>
/// <param name="Counts">By endpoint and outcome: a status, or "left".</param>
/// <param name="Slowest">The few that took longest, the longest first: by processor time where it is known, as a busy machine makes any of them slow by the clock.</param>
internal sealed record ApiTally(
    long Calls, IReadOnlyDictionary<(string Endpoint, string Outcome), long> Counts, IReadOnlyList<ApiFinding> Findings, IReadOnlyList<ApiSlowCall> Slowest);

/// <summary>A call that took long.</summary>
/// <param name="Took">By the clock.</param>
/// <param name="Computed">Processor time that the server spent meanwhile, on this call and on others; null where nobody looked.</param>
internal sealed record ApiSlowCall(ApiCall Call, TimeSpan Took, TimeSpan? Computed);
