using Parley.Corpus.Pipelines;
using Parley.Text;
using Parley.Training.Stages;

namespace Parley.Host.Verbs;

/// <summary>Tokenises documents into the layout that training looks for: train/, validation/ (whole documents, by the hash of their id) and tokenizer.json.</summary>
internal static class TextShards
{
    /// <param name="held">Share of documents held out; none may fall into it, then there is no validation/.</param>
    public static void Write(
        Func<IReadOnlyList<IDocumentSource>> sources, BpeTokenizer tokenizer, string folder, double held, Action<PipelineReport> done, CancellationToken cancellationToken)
    {
        var (train, validation) = (Path.Combine(folder, ShardFolders.Train), Path.Combine(folder, ShardFolders.Validation));
        Directory.CreateDirectory(folder);
        File.WriteAllBytes(Path.Combine(folder, ShardFolders.TokenizerFile), tokenizer.ToJson());
        done(Run(sources(), train, tokenizer, held > 0 ? new HoldOutFilter(held, keepHeldOut: false) : null, cancellationToken));
        if (held <= 0) return;
        var report = Run(sources(), validation, tokenizer, new HoldOutFilter(held, keepHeldOut: true), cancellationToken);
        if (report.Result.Documents == 0) Directory.Delete(validation, recursive: true);
        else done(report);
    }

    private static PipelineReport Run(
        IReadOnlyList<IDocumentSource> sources, string folder, Tokenizer tokenizer, IDocumentFilter? filter, CancellationToken cancellationToken)
    {
        var pipeline = new Pipeline($"shards in {folder}");
        foreach (var source in sources) pipeline.From(source);
        if (filter is not null) pipeline.Keep(filter);
        return pipeline.To(new ShardSink(folder, tokenizer), cancellationToken).GetAwaiter().GetResult();
    }
}
