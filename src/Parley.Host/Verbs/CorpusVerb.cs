using System.CommandLine;
using Parley.Corpus.Pipelines;
using Parley.Text;

namespace Parley.Host.Verbs;

/// <summary>`parley corpus`: text into shards of token ids, and the corpora that this repository makes itself.</summary>
public static class CorpusVerb
{
    public static Command Create() => new("corpus", "Prepare text: shard, bundled, tiny-world.")
    {
        CreateShard(),
    };

    private static Command CreateShard()
    {
        var data = new Option<string[]>("--data") { Description = "Text files (.txt, .jsonl, .gz) or folders of them.", Required = true, AllowMultipleArgumentsPerToken = true };
        var tokenizer = new Option<string>("--tokenizer") { Description = "The tokenizer.json to use.", Required = true };
        var output = new Option<string>("--out") { Description = "The folder to write: train/, validation/ and tokenizer.json.", Required = true };
        var held = new Option<double>("--held-out") { Description = "Share of documents held out for evaluation.", DefaultValueFactory = _ => 0.01 };
        var licence = new Option<string>("--licence") { Description = "The licence of records that state none.", DefaultValueFactory = _ => "unknown" };
        var command = new Command("shard", "Tokenise text into shards for training.") { data, tokenizer, output, held, licence };
        command.SetAction(result => TrainRunner.Run((view, cancellationToken) => TextShards.Write(
            () => TextSources.Of(result.GetRequiredValue(data), result.GetRequiredValue(licence)), BpeTokenizer.Load(result.GetRequiredValue(tokenizer)),
            result.GetRequiredValue(output), result.GetValue(held), report => view.Say(Describe(report)), cancellationToken)));
        return command;
    }

    internal static string Describe(PipelineReport report)
    {
        using var text = new StringWriter();
        report.Print(text);
        return text.ToString().TrimEnd();
    }
}
