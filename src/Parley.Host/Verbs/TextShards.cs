using Parley.Corpus.Pipelines;
using Parley.Text;
using Parley.Text.Shards;
using Parley.Training.Stages;

namespace Parley.Host.Verbs;

/// <summary>Tokenises documents into the layout that training looks for: train/, validation/ and tokenizer.json.</summary>
internal sealed class TextShards(BpeTokenizer tokenizer, string folder, Action<PipelineReport> done)
{
    private string Train => Path.Combine(folder, ShardFolders.Train);

    private string Validation => Path.Combine(folder, ShardFolders.Validation);

    /// <summary>Holds out given documents.</summary>
    public void Write(IReadOnlyList<IDocumentSource> training, IReadOnlyList<IDocumentSource> heldOut, CancellationToken cancellationToken)
    {
        WriteTokenizer();
        done(Run(training, Train, null, cancellationToken));
        done(Run(heldOut, Validation, null, cancellationToken));
    }

    /// <summary>Holds out a share of the documents, by the hash of their id; if none falls into it there is no validation/.</summary>
    /// <param name="sources">Opens the documents anew at each call.</param>
    public void Write(Func<IReadOnlyList<IDocumentSource>> sources, double share, CancellationToken cancellationToken)
    {
        WriteTokenizer();
        done(Run(sources(), Train, new HoldOutFilter(share, keepHeldOut: false), cancellationToken));
        if (share <= 0) return;
        var report = Run(sources(), Validation, new HoldOutFilter(share, keepHeldOut: true), cancellationToken);
        if (report.Result.Documents == 0) Directory.Delete(Validation, recursive: true);
        else done(report);
    }

    // Shards that lie there already stay readable: their tokenizer is not replaced before it is certain that there are none.
    private void WriteTokenizer()
    {
        ShardWriter.RequireNew(Train);
        ShardWriter.RequireNew(Validation);
        Directory.CreateDirectory(folder);
        File.WriteAllBytes(Path.Combine(folder, ShardFolders.TokenizerFile), tokenizer.ToJson());
    }

    private PipelineReport Run(IReadOnlyList<IDocumentSource> sources, string target, IDocumentFilter? filter, CancellationToken cancellationToken)
    {
        var pipeline = new Pipeline($"shards in {target}");
        foreach (var source in sources) pipeline.From(source);
        if (filter is not null) pipeline.Keep(filter);
        return pipeline.To(new ShardSink(target, tokenizer), cancellationToken).GetAwaiter().GetResult();
    }
}
