using System.CommandLine;
using System.Diagnostics;
using System.Text;
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
        var characters = new Option<bool>("--characters") { Description = "One token for each character: bytes, and what the text has beyond ASCII; --vocab does not count." };
        var command = new Command("train", "Train a byte-level BPE tokenizer.") { data, vocabulary, output, characters };
        command.SetAction(result => TrainRunner.Run((view, cancellationToken) =>
        {
            var watch = Stopwatch.StartNew();
            TextSources.Check(result.GetRequiredValue(data), cancellationToken);
            var sources = TextSources.Of(result.GetRequiredValue(data), "unknown");
            var texts = TextSources.Texts(sources, cancellationToken);
            var tokenizer = result.GetValue(characters)
                ? Characters(texts, cancellationToken)
                : new BpeTrainer().Train(texts, new BpeTrainerOptions { VocabularySize = result.GetValue(vocabulary) }, cancellationToken);
            var file = result.GetRequiredValue(output);
            Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(file))!);
            File.WriteAllBytes(file, tokenizer.ToJson());
            view.Say($"{file}: {tokenizer.VocabularySize:N0} tokens in {watch.Elapsed.TotalSeconds:F1} s");
        }));
        return command;
    }

    /// <summary>Given every character as a document of its own, BPE has nothing to merge but the bytes of one character.</summary>
    private static BpeTokenizer Characters(IEnumerable<string> texts, CancellationToken cancellationToken)
    {
        var runes = new SortedSet<Rune>();
        foreach (var text in texts) runes.UnionWith(text.EnumerateRunes());
        var options = new BpeTrainerOptions { VocabularySize = 256 + (4 * runes.Count) + SpecialTokens.Default.Count, MinFrequency = 1 };
        return new BpeTrainer().Train(runes.Select(rune => rune.ToString()), options, cancellationToken);
    }
}
