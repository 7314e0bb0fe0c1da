using Parley.Host.Serving;
using Parley.Host.Verification;
using Parley.Inference;
using Parley.Tensors;
using Parley.Testing;

namespace Parley.Host.Tests;

/// <summary>A <see cref="TestServer"/> in front of small models, each with a replica of one thread; all of it ends together.</summary>
internal sealed class ModelServer : IAsyncDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly List<(LoadedModel Model, ComputeContext Context, Replica Replica)> _served = [];
    private TestServer? _server;

    /// <summary>Once <see cref="StartAsync"/> is done.</summary>
    public TestServer Server => _server!;

    /// <summary>In the order in which their models were added.</summary>
    public IReadOnlyList<Replica> Replicas => [.. _served.Select(served => served.Replica)];

    /// <summary>Adds a model, which is disposed with the server.</summary>
    public ModelServer With(LoadedModel model)
    {
        var context = new ComputeContext(threads: 1);
        _served.Add((model, context, new Replica(model, context)));
        return this;
    }

    /// <summary>Adds the model of an <see cref="EmbeddingCase"/>, written to a file and read from it.</summary>
    public ModelServer With(string id, string name)
    {
        var path = _folder.File(id + ".gguf");
        TinyModelFile.Write(path, EmbeddingCase.All.Single(chosen => chosen.Name == name));
        return With(LoadedModel.Load(path));
    }

    public async ValueTask StartAsync(Func<ServerOptions, ServerOptions>? change = null) =>
        _server = await TestServer.StartAsync(change ?? (options => options), [.. Replicas]);

    public async ValueTask DisposeAsync()
    {
        if (_server is not null)
        {
            await _server.DisposeAsync();
        }

        foreach (var (model, context, replica) in _served)
        {
            await replica.DisposeAsync();
            context.Dispose();
            model.Dispose();
        }

        _folder.Dispose();
    }
}
