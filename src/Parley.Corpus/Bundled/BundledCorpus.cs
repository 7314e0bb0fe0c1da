using Parley.Corpus.Generators;
using Parley.Corpus.Overlap;
using Parley.Corpus.Pipelines;
using Parley.Text;

namespace Parley.Corpus.Bundled;

/// <summary>
/// The recipe of the bundled model's corpus: books that are free everywhere, instruction tasks under permissive licences,
/// generated dialogues. Writes <c>pretrain.jsonl</c>, <c>heldout.jsonl</c>, <c>sft.jsonl</c>, <c>sft-heldout.jsonl</c>
/// and <c>corpus.json</c>. Reads a folder of the layout {books, instruct, prose, SOURCES.md}; nothing of it is in this repository.
/// </summary>
public static class BundledCorpus
{
    public const string PretrainFile = "pretrain.jsonl";
    public const string HeldOutFile = "heldout.jsonl";
    public const string DialogueFile = "sft.jsonl";
    public const string HeldOutDialogueFile = "sft-heldout.jsonl";

    /// <summary>Builds the whole corpus; prints the count of every step to <paramref name="log"/>.</summary>
    /// <exception cref="InvalidDataException">A file of the data folder is missing or damaged; names it.</exception>
    public static async Task<BundledReport> BuildAsync(
        string dataFolder, string outputFolder, BundledOptions? options = null, TextWriter? log = null, CancellationToken cancellationToken = default)
    {
        options ??= new();
        log ??= TextWriter.Null;
        var books = BookTable.Load(Path.Combine(dataFolder, "SOURCES.md"));
        var held = new HeldOutBooks(options.HeldOutBooks, options.HeldOutShare);
        var evaluations = OverlapIndex.Of(options.Evaluations.Select(path => Path.Combine(dataFolder, path)).Where(Path.Exists), cancellationToken);

        // 1. Texts, training part and held-out part.
        var licences = new Tally();
        var training = await Texts("pretraining texts", dataFolder, books, options)
            .Keep(new PredicateFilter("keep the training part", document => !held.Holds(document.Id)))
            .Keep(new PredicateFilter("leave out what evaluations ask", document => !evaluations.Overlaps([document.Text])))
            .Keep(new PredicateFilter("count licences", document => licences.Add(document.Licence, document.Text.Length)))
            .To(new DocumentSink(Path.Combine(outputFolder, PretrainFile)), cancellationToken);
        training.Print(log);
        var heldOut = await Texts("held-out texts", dataFolder, books, options)
            .Keep(new PredicateFilter("keep the held-out part", document => held.Holds(document.Id)))
            .To(new DocumentSink(Path.Combine(outputFolder, HeldOutFile)), cancellationToken);
        heldOut.Print(log);

        // 2. Dialogues: tasks that people wrote, passages of the training books to go on with, then generated ones.
        var tasks = await SelectTasksAsync(dataFolder, options, cancellationToken);
        await foreach (var chapter in new JsonLinesSource(Path.Combine(outputFolder, PretrainFile)).ReadAsync(cancellationToken))
        {
            if (BookTable.IsChapter(chapter.Id)) tasks.AddRange(BookContinuations.Of(chapter, options.ContinuationsPerChapter, options.LongestContinuation));
        }

        var generated = SimpleDialogues.Dialogues(options.Seed, options.GeneratedDialogues);
        var (byLicence, bySource) = (new Tally(), new Tally());
        var characters = 0L;
        var count = ChatFile.Write(Path.Combine(outputFolder, DialogueFile), tasks.Concat(generated).Where(dialogue => IsTraining(dialogue) && !Asked(dialogue)).Select(Counted), cancellationToken);
        var heldOutCount = ChatFile.Write(
            Path.Combine(outputFolder, HeldOutDialogueFile), tasks.Concat(generated).Where(dialogue => !IsTraining(dialogue)), cancellationToken);

        // 3. What there is, for the model card.
        var report = new BundledReport
        {
            Documents = training.Result.Documents,
            Characters = training.Result.Characters,
            HeldOutDocuments = heldOut.Result.Documents,
            HeldOutCharacters = heldOut.Result.Characters,
            Dialogues = count,
            DialogueCharacters = characters,
            HeldOutDialogues = heldOutCount,
            CharactersByLicence = licences.Counts,
            DialoguesByLicence = byLicence.Counts,
            DialoguesBySource = bySource.Counts,
            BooksLeftOut = [.. books.Books.Where(book => !book.Value).Select(book => book.Key)],
        };
        await File.WriteAllBytesAsync(Path.Combine(outputFolder, BundledReport.FileName), report.ToJson(), cancellationToken);
        report.Print(log);
        return report;

        // With the roles and without: evaluations write them as words, and an overlap check reads all strings of a record.
        bool Asked(Dialogue dialogue) => evaluations.Overlaps(dialogue.Messages.Select(message => message.Content))
            || evaluations.Overlaps(dialogue.Messages.SelectMany(message => new[] { message.Role, message.Content }));

        bool IsTraining(Dialogue dialogue) => !HoldOutFilter.IsHeldOut(dialogue.Id, options.HeldOutShare);

        Dialogue Counted(Dialogue dialogue)
        {
            byLicence.Add(dialogue.Licence, 1);
            bySource.Add(dialogue.Source, 1);
            characters += dialogue.Length;
            return dialogue;
        }
    }

    private static Pipeline Texts(string name, string dataFolder, BookTable books, BundledOptions options)
    {
        var pipeline = new Pipeline(name);
        foreach (var file in Directory.EnumerateFiles(Path.Combine(dataFolder, "books"), "*.jsonl.gz").Order(StringComparer.Ordinal))
            pipeline.From(new JsonLinesSource(file, Licences.Cc0));
        if (options.IncludeProse)
        {
            pipeline.From(new JsonLinesSource(Path.Combine(dataFolder, "prose", "rust-book.jsonl.gz"), "MIT OR Apache-2.0"))
                .From(new JsonLinesSource(Path.Combine(dataFolder, "prose", "csharp-standard.jsonl.gz"), "CC BY 4.0"))
                .From(new PlainTextSource(Path.Combine(dataFolder, "prose", "tiny_shakespeare.txt.gz"), "public domain"));
        }

        return pipeline
            .Keep(new PredicateFilter("keep books that are free everywhere", document => !BookTable.IsChapter(document.Id) || books.IsFreeEverywhere(document.Id)))
            .Keep(new LicenceFilter())
            .Keep(new LengthFilter(400))
            .Keep(new DuplicateFilter());
    }

    // Every dialogue must end with an answer; equal ones would only repeat.
    private static async Task<List<Dialogue>> SelectTasksAsync(string dataFolder, BundledOptions options, CancellationToken cancellationToken)
    {
        var tasks = new List<Dialogue>();
        var seen = new HashSet<string>(StringComparer.Ordinal);
        await foreach (var dialogue in InstructionFiles.ReadAllAsync(Path.Combine(dataFolder, "instruct"), cancellationToken))
        {
            if (Licences.Permissive.Contains(dialogue.Licence)
                && options.TaskFamilies.Any(family => dialogue.Id.StartsWith(family, StringComparison.Ordinal))
                && dialogue.Length <= options.LongestDialogue
                && dialogue.Messages.Any(message => message.Role == "assistant" && message.Content.Length > 0)
                && dialogue.Messages[^1].Role == "assistant"
                && seen.Add(string.Join('\n', dialogue.Messages.Select(message => message.Content))))
                tasks.Add(dialogue);
        }

        return tasks;
    }

    private sealed class Tally
    {
        private readonly SortedDictionary<string, long> _counts = new(StringComparer.Ordinal);

        public IReadOnlyDictionary<string, long> Counts => _counts;

        public bool Add(string key, long amount)
        {
            _counts[key] = _counts.GetValueOrDefault(key) + amount;
            return true;
        }
    }
}
