namespace Parley.Host.Benches.Engines;

/// <summary>One of the two engines that are compared: the same questions, in seconds. Greedy, no speculation, no prefix cache.</summary>
internal interface IEngineSide : IAsyncDisposable
{
    /// <summary>Seconds from the start of loading until a request can be served.</summary>
    double LoadSeconds { get; }

    /// <summary>Seconds from a prompt of so many tokens to its first token.</summary>
    Task<double> PrefillAsync(int tokens, CancellationToken cancellationToken);

    /// <summary>Seconds for so many tokens of each of so many sequences that decode together, their short prompts not counted.</summary>
    Task<double> DecodeAsync(int sequences, int tokens, CancellationToken cancellationToken);

    /// <summary>Clients that come at once with a prompt each: the median of the seconds until their first tokens.</summary>
    Task<double> FirstTokenAsync(int clients, int promptTokens, CancellationToken cancellationToken);
}
