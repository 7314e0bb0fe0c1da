namespace Parley.Host.Telemetry;

/// <summary>
/// The series of one instrument, found by their tags. Measurements come from hot loops, so a set of tags that was seen before is recognised as it
/// comes, without sorting or allocating; there are few.
/// </summary>
internal sealed class SeriesTable(SeriesKind kind)
{
    private readonly Lock _adding = new();
    private volatile Entry[] _entries = [];

    /// <summary>Each series once, however its tags were ordered.</summary>
    public IEnumerable<Series> All => _entries.Select(entry => entry.Series).Distinct();

    public Series Of(ReadOnlySpan<KeyValuePair<string, object?>> tags) => Find(_entries, tags) ?? Add(tags);

    private static Series? Find(Entry[] entries, ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        foreach (var entry in entries)
        {
            if (Same(entry.Tags, tags))
            {
                return entry.Series;
            }
        }

        return null;
    }

    private static bool Same(KeyValuePair<string, object?>[] known, ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        if (known.Length != tags.Length)
        {
            return false;
        }

        for (var i = 0; i < known.Length; i++)
        {
            if (!string.Equals(known[i].Key, tags[i].Key, StringComparison.Ordinal) || !Equals(known[i].Value, tags[i].Value))
            {
                return false;
            }
        }

        return true;
    }

    private Series Add(ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        lock (_adding)
        {
            if (Find(_entries, tags) is { } meanwhile)
            {
                return meanwhile;
            }

            var set = new TagSet(tags);
            var series = _entries.Select(entry => entry.Series).FirstOrDefault(other => other.Tags == set) ?? new Series(set, kind);
            _entries = [.. _entries, new(tags.ToArray(), series)];
            return series;
        }
    }

    private sealed record Entry(KeyValuePair<string, object?>[] Tags, Series Series);
}
