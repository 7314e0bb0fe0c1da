using System.CommandLine;
using System.Diagnostics;
using Parley.Text;

namespace Parley.Host.Verbs;

/// <summary>`parley tokenizer train`: a byte-level BPE vocabulary from text files.</summary>
public static class TokenizerVerb
{
    public static Command Create() => new("tokenizer", "Train tokenizers.") { CreateTrain() };

    private static Command CreateTrain()
    {
        var data = new Option<string[]>("--data") { Description = "Text files (.txt, .jsonl, .gz) or folders of them.", Required = true, AllowMultipleArgumentsPerToken = true };
        var vocabulary = new Option<int>("--vocab") { Description = "Ids altogether, bytes and special tokens included.", DefaultValueFactory = _ => 4096 };
        var output = new Option<string>("--out") { Description = "The tokenizer.json to write.", Required = true };
        var command = new Command("train", "Train a byte-level BPE tokenizer.") { data, vocabulary, output };
        command.SetAction(result => TrainRunner.Run((view, cancellationToken) =>
        {
            var watch = Stopwatch.StartNew();
            var sources = TextSources.Of(result.GetRequiredValue(data), "unknown");
            var options = new BpeTrainerOptions { VocabularySize = result.GetValue(vocabulary) };
            var tokenizer = new BpeTrainer().Train(TextSources.Texts(sources, cancellationToken), options, cancellationToken);
            var file = result.GetRequiredValue(output);
            Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(file))!);
            File.WriteAllBytes(file, tokenizer.ToJson());
            view.Say($"{file}: {tokenizer.VocabularySize:N0} tokens in {watch.Elapsed.TotalSeconds:F1} s");
        }));
        return command;
    }
}
