using System.Text.Json;

namespace Parley.Training.Runs;

/// <summary>
/// metrics.jsonl of a run: appended to line by line, readable at any moment. Opening it for a resumed run drops what lies past the
/// checkpoint, because those steps will be done again. A torn last line is passed over.
/// </summary>
public sealed class MetricsLog : IDisposable
{
    private readonly StreamWriter _writer;

    /// <param name="path">The file; it need not exist.</param>
    /// <param name="step">Finished steps of the checkpoint the run goes on from, 0 for a new run.</param>
    public MetricsLog(string path, long step)
    {
        var kept = step == 0 ? [] : Read(path).Where(entry => entry.Step <= step).ToList();
        var temporary = path + ".new";
        File.WriteAllLines(temporary, kept.Select(Line));
        File.Move(temporary, path, overwrite: true);
        _writer = new StreamWriter(path, append: true) { AutoFlush = true };
    }

    public void Append(MetricsEntry entry) => _writer.WriteLine(Line(entry));

    public static IEnumerable<MetricsEntry> Read(string path)
    {
        if (!File.Exists(path)) yield break;
        foreach (var line in File.ReadLines(path))
        {
            if (Parse(line) is { } entry) yield return entry;
        }
    }

    public void Dispose() => _writer.Dispose();

    private static string Line(MetricsEntry entry) => JsonSerializer.Serialize(entry, MetricsJson.Default.MetricsEntry);

    private static MetricsEntry? Parse(string line)
    {
        try
        {
            return JsonSerializer.Deserialize(line, MetricsJson.Default.MetricsEntry);
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
