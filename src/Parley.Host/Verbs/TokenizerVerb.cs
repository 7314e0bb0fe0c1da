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
        var data = VerbOption.RequiredMany("--data", "Text files (.txt, .jsonl, .gz) or folders of them.");
        var vocabulary = VerbOption.Of("--vocab", "Ids altogether, bytes and special tokens included.", 4096);
        var output = VerbOption.Required("--out", "The tokenizer.json to write.");
        var command = new Command("train", "Train a byte-level BPE tokenizer.") { data, vocabulary, output };
        command.SetAction(result => TrainRunner.Run((view, cancellationToken) =>
        {
            var watch = Stopwatch.StartNew();
            TextSources.Check(result.GetRequiredValue(data), cancellationToken);
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
