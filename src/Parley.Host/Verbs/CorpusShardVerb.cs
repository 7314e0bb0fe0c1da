using System.CommandLine;
using Parley.Corpus.Pipelines;
using Parley.Text;

namespace Parley.Host.Verbs;

/// <summary>`parley corpus shard`: text into shards that training reads.</summary>
internal static class CorpusShardVerb
{
    public static Command Create()
    {
        var data = new Option<string[]>("--data") { Description = "Text files (.txt, .jsonl, .gz) or folders of them.", Required = true, AllowMultipleArgumentsPerToken = true };
        var held = new Option<string[]>("--eval") { Description = "Text files to hold out, instead of a share of the data.", AllowMultipleArgumentsPerToken = true };
        var share = new Option<double>("--held-out") { Description = "Share of documents held out for evaluation.", DefaultValueFactory = _ => 0.01 };
        var tokenizer = new Option<string>("--tokenizer") { Description = "The tokenizer.json to use.", Required = true };
        var output = new Option<string>("--out") { Description = "The folder to write: train/, validation/ and tokenizer.json.", Required = true };
        var licence = new Option<string>("--licence") { Description = "The licence of records that state none.", DefaultValueFactory = _ => "unknown" };
        var command = new Command("shard", "Tokenise text into shards for training.") { data, held, share, tokenizer, output, licence };
        command.SetAction(result => TrainRunner.Run((view, cancellationToken) =>
        {
            IReadOnlyList<IDocumentSource> Open(IEnumerable<string> paths) => TextSources.Of(paths, result.GetRequiredValue(licence));
            var shards = new TextShards(BpeTokenizer.Load(result.GetRequiredValue(tokenizer)), result.GetRequiredValue(output), report => view.Say(Describe(report)));
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
