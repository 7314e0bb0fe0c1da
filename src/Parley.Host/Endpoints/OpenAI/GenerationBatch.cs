using System.Runtime.CompilerServices;
using System.Threading.Channels;
using Parley.Protocol.Generation;

namespace Parley.Host.Endpoints.OpenAI;

/// <summary>
/// Runs the requests of one call side by side and merges their events as they come. A refusal of any of them throws before the first event, so
/// that it can still become a status. Leaving early cancels all.
/// </summary>
internal static class GenerationBatch
{
    /// <summary>Events with the index of the request they belong to; ends when all have ended.</summary>
    public static async IAsyncEnumerable<(int Index, GenerationEvent Entry)> Run(
        IReplica replica, IReadOnlyList<GenerationRequest> requests, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        using var cancellation = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var streams = requests.Select(request => replica.Generate(request, cancellation.Token).GetAsyncEnumerator(CancellationToken.None)).ToArray();
        var merged = Channel.CreateUnbounded<(int, GenerationEvent)>(new UnboundedChannelOptions { SingleReader = true });
        var pumps = Task.CompletedTask;
        try
        {
            // WhenAll waits for all, so nothing is in motion when one refusal ends the call.
            await Task.WhenAll(streams.Select(stream => stream.MoveNextAsync().AsTask()));
            pumps = Task.WhenAll(streams.Select((stream, index) => PumpAsync(stream, index, merged.Writer)))
                .ContinueWith(done => merged.Writer.TryComplete(done.Exception?.InnerException), TaskScheduler.Default);

            // Not cancelled here: after a cancellation the replicas still send their last events, and the ledger waits for them.
            await foreach (var item in merged.Reader.ReadAllAsync(CancellationToken.None))
            {
                yield return item;
            }
        }
        finally
        {
            await cancellation.CancelAsync();
            await pumps;
            foreach (var stream in streams)
            {
                await stream.DisposeAsync();
            }
        }
    }

    private static async Task PumpAsync(IAsyncEnumerator<GenerationEvent> stream, int index, ChannelWriter<(int, GenerationEvent)> merged)
    {
        do
        {
            merged.TryWrite((index, stream.Current));
        }
        while (await stream.MoveNextAsync());
    }
}
