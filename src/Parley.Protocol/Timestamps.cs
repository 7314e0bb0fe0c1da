namespace Parley.Protocol;

/// <summary>Time as every row and event stores it: UTC microseconds since 1970.</summary>
public static class Timestamps
{
    public static long UtcMicroseconds(this TimeProvider time) =>
        (time.GetUtcNow() - DateTimeOffset.UnixEpoch).Ticks / TimeSpan.TicksPerMicrosecond;
}
