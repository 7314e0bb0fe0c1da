using System.Net.Sockets;

namespace Parley.Host.Pulling;

/// <summary>
/// Tries again what may pass: growing delays, a bounded number of tries in a row without progress, and a limit on silence.
/// Time is given, so that tests need none.
/// </summary>
internal sealed class Retries(TimeProvider time)
{
    /// <summary>Tries in a row that brought nothing.</summary>
    public const int MostFruitlessTries = 6;

    private static readonly TimeSpan FirstDelay = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LongestDelay = TimeSpan.FromSeconds(30);

    /// <summary>A server that sends nothing for so long is taken for gone.</summary>
    public static readonly TimeSpan LongestSilence = TimeSpan.FromMinutes(1);

    /// <summary>Told before each wait: why, and how long.</summary>
    public Action<string, TimeSpan>? Waiting { get; init; }

    /// <summary>Runs one small request until it succeeds.</summary>
    public Task<T> RunAsync<T>(Uri server, Func<CancellationToken, Task<T>> attempt, CancellationToken cancellationToken) => RunAsync(
        server,
        async token =>
        {
            using var silence = Silence(token);
            return await attempt(silence.Token);
        },
        progress: null,
        cancellationToken);

    /// <summary>Runs an attempt until it succeeds; one that moved <paramref name="progress"/> starts the count of tries anew.</summary>
    /// <exception cref="PullFailure">The server cannot be reached, or too many tries brought nothing.</exception>
    public async Task<T> RunAsync<T>(Uri server, Func<CancellationToken, Task<T>> attempt, Func<long>? progress, CancellationToken cancellationToken)
    {
        var (fruitless, last) = (0, progress?.Invoke());
        while (true)
        {
            try
            {
                return await attempt(cancellationToken);
            }
            catch (Exception error) when (!cancellationToken.IsCancellationRequested && IsTransient(error))
            {
                var now = progress?.Invoke();
                fruitless = now > last ? 1 : fruitless + 1;
                last = now;
                if (fruitless >= MostFruitlessTries || IsHopeless(error))
                {
                    throw new PullFailure(
                        $"{server.Host} cannot be reached: {Reason(error)}. Check the connection, then run the same command again; it goes on where it stopped.", error);
                }

                var delay = Delay(fruitless, (error as TransientException)?.RetryAfter);
                Waiting?.Invoke(Reason(error), delay);
                await Task.Delay(delay, time, cancellationToken);
            }
        }
    }

    /// <summary>Cancelled when nothing is heard for <see cref="LongestSilence"/>; call <see cref="CancellationTokenSource.CancelAfter(TimeSpan)"/> after each sign of life.</summary>
    public SilenceLimit Silence(CancellationToken cancellationToken) => new(time, cancellationToken);

    private static bool IsTransient(Exception error) =>
        error is TransientException or HttpRequestException or OperationCanceledException or SocketException or HttpIOException
        || (error is IOException and not PullFailure);

    // Without name resolution there is no network; a minute of waiting would not bring one.
    private static bool IsHopeless(Exception error) => error is HttpRequestException { HttpRequestError: HttpRequestError.NameResolutionError or HttpRequestError.SecureConnectionError };

    private static TimeSpan Delay(int tries, TimeSpan? asked)
    {
        var grown = FirstDelay * Math.Pow(2, tries - 1);
        var delay = asked > grown ? asked.Value : grown;
        return delay < LongestDelay ? delay : LongestDelay;
    }

    private static string Reason(Exception error) => error switch
    {
        HttpRequestException { HttpRequestError: HttpRequestError.NameResolutionError } => "its name is not known here (offline?)",
        HttpRequestException { InnerException: SocketException inner } => inner.Message.TrimEnd('.'),
        HttpRequestException { HttpRequestError: HttpRequestError.SecureConnectionError } => $"no secure connection ({(error.InnerException ?? error).Message.TrimEnd('.')})",
        OperationCanceledException => $"it sent nothing for {LongestSilence.TotalSeconds:F0} s",
        TransientException => error.Message,
        _ => "the connection broke",
    };
}

/// <summary>Something that may be better a moment later.</summary>
internal sealed class TransientException : Exception
{
    public TransientException()
    {
    }

    public TransientException(string message)
        : base(message)
    {
    }

    public TransientException(string message, Exception? innerException)
        : base(message, innerException)
    {
    }

    /// <summary>What the server asked for.</summary>
    public TimeSpan? RetryAfter { get; init; }
}

/// <summary>A token that is cancelled by its caller or by silence.</summary>
internal sealed class SilenceLimit : IDisposable
{
    private readonly CancellationTokenSource _silence;
    private readonly CancellationTokenSource _both;

    public SilenceLimit(TimeProvider time, CancellationToken cancellationToken)
    {
        _silence = new CancellationTokenSource(Retries.LongestSilence, time);
        _both = CancellationTokenSource.CreateLinkedTokenSource(_silence.Token, cancellationToken);
    }

    public CancellationToken Token => _both.Token;

    /// <summary>Something was heard: the wait begins anew.</summary>
    public void Heard() => _silence.CancelAfter(Retries.LongestSilence);

    public void Dispose()
    {
        _both.Dispose();
        _silence.Dispose();
    }
}
