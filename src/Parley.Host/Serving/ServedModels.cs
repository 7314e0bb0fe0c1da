using Parley.Protocol.Generation;

namespace Parley.Host.Serving;

/// <summary>The models of this process, each with an engine of its own.</summary>
internal sealed class ServedModels : IAsyncDisposable
{
    public IReadOnlyList<IReplica> Replicas => throw new NotImplementedException();

    public static ServedModels Load(IReadOnlyList<ModelSource> sources, int? threads) => throw new NotImplementedException();

    public ValueTask DisposeAsync() => throw new NotImplementedException();
}
