using System.CommandLine;
using Parley.Corpus.Pipelines;
using Parley.Text;

namespace Parley.Host.Verbs;

/// <summary>`parley corpus shard`: text into shards that training reads.</summary>
internal static class CorpusShardVerb
{
    public static Command Create()
    {
        var data = VerbOption.RequiredMany("--data", "Text files (.txt, .jsonl, .gz) or folders of them.");
        var held = VerbOption.Many("--eval", "Text files to hold out, instead of a share of the data.");
        var share = VerbOption.Of("--held-out", "Share of documents held out for evaluation.", 0.01);
        var tokenizer = VerbOption.Required("--tokenizer", "The tokenizer.json to use.");
        var output = VerbOption.Required("--out", "The folder to write: train/, validation/ and tokenizer.json.");
        var licence = VerbOption.Of("--licence", "The licence of records that state none.", "unknown");
        var command = new Command("shard", "Tokenise text into shards for training.") { data, held, share, tokenizer, output, licence };
        command.SetAction(result => TrainRunner.Run((view, cancellationToken) =>
        {
            IReadOnlyList<IDocumentSource> Open(IEnumerable<string> paths) => TextSources.Of(paths, result.GetRequiredValue(licence));
            var vocabulary = BpeTokenizer.Load(result.GetRequiredValue(tokenizer));
            TextSources.Check(result.GetRequiredValue(data).Concat(result.GetValue(held) ?? []), cancellationToken);
            var shards = new TextShards(vocabulary, result.GetRequiredValue(output), report => view.Say(Describe(report)));
            if (result.GetValue(held) is { Length: > 0 } files) shards.Write(Open(result.GetRequiredValue(data)), Open(files), cancellationToken);
            else shards.Write(() => Open(result.GetRequiredValue(data)), result.GetValue(share), cancellationToken);
        }));
        return command;
    }

    private static string Describe(PipelineReport report)
    {
        using var text = new StringWriter();
        report.Print(text);
        return text.ToString().TrimEnd();
    }
}
