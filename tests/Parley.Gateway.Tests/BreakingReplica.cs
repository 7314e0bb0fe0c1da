using System.Runtime.CompilerServices;
using Parley.Protocol.Errors;
using Parley.Protocol.Generation;

namespace Parley.Gateway.Tests;

/// <summary>A replica that refuses, or dies after two tokens without the events that should close its stream.</summary>
internal sealed class BreakingReplica(bool throws) : IReplica
{
    public ParleyException? Refusal { get; set; }

    public IReadOnlyList<ModelDescription> Models { get; } = [new("breaking", "v", 1024, 1, 0)];

    public async IAsyncEnumerable<GenerationEvent> Generate(GenerationRequest request, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        await Task.Yield();
        if (Refusal is not null)
        {
            throw Refusal;
        }

        yield return new() { Generation = request.Id, Sequence = 1, Kind = GenerationEventKind.Started, Usage = new(7, 0), ModelVersion = "v" };
        yield return new() { Generation = request.Id, Sequence = 2, Kind = GenerationEventKind.Delta, Text = "ab", TokenIds = [1, 2] };
        if (throws)
        {
            throw new InvalidOperationException("the process is gone");
        }
    }
}
