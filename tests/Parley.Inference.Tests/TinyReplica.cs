using Parley.Tensors;

namespace Parley.Inference.Tests;

/// <summary>What a test of a replica begins with: a tiny model whose tokens are letters, and a replica over an engine that the test steps, or one that runs.</summary>
public abstract class TinyReplica : IAsyncLifetime
{
    private readonly ComputeContext _context = new(threads: 1);

    /// <param name="runs">Whether the engine has its thread; else a reader never waits for more than the test asked for.</param>
    protected TinyReplica(bool runs)
    {
        Engine = new Engine(Model.Decoder, new(), _context, time: null, startThread: runs);
        Replica = new Replica(Model, Engine);
    }

    internal LoadedModel Model { get; } = new("tiny", TinyModel.Create(), new LetterTokenizer());

    internal Engine Engine { get; }

    internal Replica Replica { get; }

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public async ValueTask DisposeAsync()
    {
        await Replica.DisposeAsync();
        _context.Dispose();
        Model.Dispose();
        GC.SuppressFinalize(this);
    }
}
