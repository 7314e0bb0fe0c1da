namespace Parley.Corpus.Overlap;

/// <summary>
/// Runs of 13 words that stand in evaluation records, and which of them a training text has too. Memory is that of the evaluation's runs
/// (some 60 bytes each); training text streams through. It knows words, not files.
/// </summary>
public sealed class OverlapIndex
{
    /// <summary>The length that GPT-3's check uses for tests with long enough records.</summary>
    public const int Words = 13;

    /// <summary>Runs that are kept at most: some 3 GB.</summary>
    public const int MostRuns = 50_000_000;

    private readonly Dictionary<UInt128, int> _runs = [];
    private readonly List<(int Record, int Next)> _places = [];
    private readonly List<Record> _records = [];
    private readonly WordWindow _window = new(Words);

    /// <summary>The runs of evaluation files (.jsonl, .csv, .txt, plain or .gz), or of folders of them.</summary>
    /// <exception cref="InvalidDataException">A path is missing, a folder holds no such file, or a line is damaged.</exception>
    public static OverlapIndex Of(IEnumerable<string> paths, CancellationToken cancellationToken = default)
    {
        var index = new OverlapIndex();
        foreach (var file in paths.SelectMany(RecordTexts.Files).Distinct(StringComparer.Ordinal))
        {
            foreach (var (line, texts) in RecordTexts.Records(file, cancellationToken)) index.AddRecord(Path.GetFileName(file), $"line {line}", texts);
        }

        return index;
    }

    /// <summary>True when a text shares a run with any record; marks nothing.</summary>
    public bool Overlaps(IEnumerable<string> pieces) => Runs(pieces).Any(_runs.ContainsKey);

    /// <summary>Takes an evaluation record: its texts in order, as one text.</summary>
    /// <exception cref="InvalidDataException">There are more runs than fit.</exception>
    public void AddRecord(string task, string place, IEnumerable<string> texts)
    {
        var record = new Record(task, place);
        _records.Add(record);
        foreach (var run in Runs(texts)) Add(run);
        record.IsLongEnough = _window.IsFull;
    }

    /// <summary>Compares a training document, piece by piece, with every record.</summary>
    public void Scan(string document, IEnumerable<string> pieces)
    {
        foreach (var run in Runs(pieces))
        {
            if (_runs.TryGetValue(run, out var place)) Mark(place, document);
        }
    }

    /// <summary>What was found so far, a row for each task in the order of their first records.</summary>
    public IReadOnlyList<TaskOverlap> Report() =>
    [
        .. _records.GroupBy(record => record.Task, StringComparer.Ordinal).Select(task => new TaskOverlap(
            task.Key, task.Count(), task.Count(record => !record.IsLongEnough), task.Count(record => record.FoundIn is not null),
            [.. task.Where(record => record.FoundIn is not null).Select(record => $"{record.Place} in {record.FoundIn}")])),
    ];

    /// <summary>The runs of one text that comes in pieces.</summary>
    private IEnumerable<UInt128> Runs(IEnumerable<string> pieces)
    {
        _window.Clear();
        foreach (var piece in pieces)
        {
            for (var at = 0; ;)
            {
                var rest = piece.AsSpan(at);
                if (!_window.Next(ref rest)) break;
                at = piece.Length - rest.Length;
                if (_window.IsFull) yield return _window.Hash;
            }
        }
    }

    private void Add(UInt128 run)
    {
        if (_places.Count == MostRuns)
        {
            throw new InvalidDataException($"The evaluation files have more than {MostRuns:N0} runs of {Words} words; compare fewer at a time.");
        }

        var next = _runs.GetValueOrDefault(run, -1);
        if (next >= 0 && _places[next].Record == _records.Count - 1) return;
        _runs[run] = _places.Count;
        _places.Add((_records.Count - 1, next));
    }

    private void Mark(int place, string document)
    {
        for (; place >= 0; place = _places[place].Next) _records[_places[place].Record].FoundIn ??= document;
    }

    private sealed class Record(string task, string place)
    {
        public string Task => task;

        public string Place => place;

        public bool IsLongEnough { get; set; }

        public string? FoundIn { get; set; }
    }
}

/// <summary>How many records of a task a training text shares 13 words in a row with.</summary>
/// <param name="Task">The evaluation file.</param>
/// <param name="Records">Records in it.</param>
/// <param name="TooShort">Those of fewer than 13 words, which cannot be told.</param>
/// <param name="Overlapping">Those that share a run.</param>
/// <param name="Where">Record and training document of each.</param>
public sealed record TaskOverlap(string Task, int Records, int TooShort, int Overlapping, IReadOnlyList<string> Where);
