using System.CommandLine;
using Parley.Corpus.Overlap;
using Parley.Text;
using Parley.Text.Shards;
using Parley.Training.Stages;
using Spectre.Console;

namespace Parley.Host.Verbs;

/// <summary>
/// `parley corpus overlap`: whether training text has 13 words in a row that an evaluation file has too. Exit code 0: clean; 2: it has; 1:
/// it could not be told.
/// </summary>
internal static class CorpusOverlapVerb
{
    private const int Found = 2;

    public static Command Create()
    {
        var train = VerbOption.RequiredMany("--train", "Training text (.txt, .jsonl, .gz), folders of it, or folders of shards.");
        var against = VerbOption.RequiredMany("--against", "Evaluation files (.jsonl, .csv, .txt, .gz) or folders of them.");
        var shown = VerbOption.Of("--show", "Name this many overlapping records of each file.", 3);
        var command = new Command("overlap", "Look for evaluation text in training text, 13 words at a time.") { train, against, shown };
        command.SetAction((parsed, cancellationToken) =>
        {
            var index = OverlapIndex.Of(parsed.GetRequiredValue(against), cancellationToken);
            var documents = 0L;
            foreach (var (name, texts) in parsed.GetRequiredValue(train).SelectMany(path => Documents(path, cancellationToken)))
            {
                cancellationToken.ThrowIfCancellationRequested();
                index.Scan(name, texts);
                documents++;
            }

            return Task.FromResult(Print(index.Report(), documents, parsed.GetValue(shown)));
        });
        return command;
    }

    private static int Print(IReadOnlyList<TaskOverlap> tasks, long documents, int shown)
    {
        var table = new Table().Border(TableBorder.Rounded).AddColumn("evaluation file");
        foreach (var title in new[] { "records", "too short", "overlapping" }) table.AddColumn(new TableColumn(title).RightAligned());
        foreach (var task in tasks) table.AddRow(Markup.Escape(task.Task), $"{task.Records}", $"{task.TooShort}", $"{task.Overlapping}");
        AnsiConsole.Write(table);
        foreach (var task in tasks)
        {
            foreach (var place in task.Where.Take(shown)) Console.Out.WriteLine($"{task.Task}, {place}");
        }

        var (overlapping, records) = (tasks.Sum(task => task.Overlapping), tasks.Sum(task => task.Records));
        Console.Out.WriteLine($"{overlapping} of {records} records share {OverlapIndex.Words} words in a row with {documents} training documents");
        return overlapping == 0 ? 0 : Found;
    }

    private static IEnumerable<(string Name, IEnumerable<string> Texts)> Documents(string path, CancellationToken cancellationToken)
    {
        var sets = new[] { path, Path.Combine(path, ShardFolders.Train), Path.Combine(path, ShardFolders.Validation) }
            .Where(folder => File.Exists(Path.Combine(folder, ShardManifest.FileName))).ToArray();
        return sets.Length > 0
            ? sets.SelectMany(set => RecordTexts.Shards(set, Vocabulary(set)))
            : RecordTexts.Files(path).SelectMany(file => RecordTexts.Documents(file, cancellationToken));
    }

    private static BpeTokenizer Vocabulary(string set)
    {
        var folders = new[] { set, Path.GetDirectoryName(Path.GetFullPath(set))! };
        return folders.Select(folder => Path.Combine(folder, ShardFolders.TokenizerFile)).FirstOrDefault(File.Exists) is { } file
            ? BpeTokenizer.Load(file)
            : throw new InvalidDataException(
                $"{set} has no {ShardFolders.TokenizerFile} in it or beside it, so its ids cannot be read; put the tokenizer there.");
    }
}
