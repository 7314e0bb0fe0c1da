using Parley.Text;
using Parley.Text.Shards;

namespace Parley.Corpus.Pipelines;

/// <summary>Tokenises documents into a shard set, each closed by the end-of-text token.</summary>
public sealed class ShardSink(string folder, Tokenizer tokenizer) : IDocumentSink
{
    private readonly ShardWriter _writer = new(folder, tokenizer);

    public string Name => $"tokenise to {Path.GetFileName(folder)}";

    /// <summary>Set once the run is complete.</summary>
    public ShardManifest? Manifest { get; private set; }

    public ValueTask WriteAsync(Document document, CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        _writer.Append(document.Id, document.Licence, document.Text);
        return ValueTask.CompletedTask;
    }

    public ValueTask CompleteAsync(CancellationToken cancellationToken = default)
    {
        Manifest = _writer.Complete();
        return ValueTask.CompletedTask;
    }

    public ValueTask DisposeAsync()
    {
        _writer.Dispose();
        return ValueTask.CompletedTask;
    }
}
