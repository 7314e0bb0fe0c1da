using Parley.Protocol.Generation;
using Parley.Protocol.Logs;

namespace Parley.Chat.Generations;

/// <summary>
/// Hands events to the log without waiting for each commit, so that a fast model is not slowed to one commit a token; at most a
/// fixed number are under way, and the first failure surfaces at the next call.
/// </summary>
internal sealed class PendingAppends(IGenerationLog log)
{
    private const int MostUnderWay = 64;
    private readonly Queue<Task> _underWay = new();

    public async Task AddAsync(GenerationEvent entry)
    {
        _underWay.Enqueue(log.AppendAsync([entry]));
        while (_underWay.Count > MostUnderWay || (_underWay.TryPeek(out var oldest) && oldest.IsCompleted))
        {
            await _underWay.Dequeue();
        }
    }

    public async Task FlushAsync()
    {
        while (_underWay.TryDequeue(out var oldest))
        {
            await oldest;
        }
    }
}
