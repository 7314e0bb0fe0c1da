namespace Parley.Storage;

/// <summary>
/// Remembers the last committed sequence number of live generations and refuses a write that would leave a gap or a double. Used by the
/// writer alone. Changes of a group count only once <see cref="Accept"/> says that it was committed.
/// </summary>
internal sealed class SequenceGuard(Func<Guid, long> readLast)
{
    /// <summary>Generations that never end are forgotten past this many; they are read again when needed.</summary>
    private const int MostRemembered = 4096;

    private readonly Dictionary<Guid, long> _committed = [];
    private readonly Dictionary<Guid, long> _group = [];

    /// <summary>Whether the events may follow what is there. Says why not in <see cref="PendingWrite.Refusal"/>.</summary>
    public bool TryFollow(PendingWrite write)
    {
        var proposed = new Dictionary<Guid, long>();
        foreach (var entry in write.Events)
        {
            var last = proposed.TryGetValue(entry.Generation, out var earlier) ? earlier : Last(entry.Generation);
            if (entry.Sequence != last + 1)
            {
                write.Refusal = new InvalidOperationException(
                    $"Event {entry.Sequence} of generation {entry.Generation} cannot be appended: the log stands at {last}, so {last + 1} must follow.");
                return false;
            }

            proposed[entry.Generation] = entry.Sequence;
        }

        foreach (var (generation, sequence) in proposed)
        {
            _group[generation] = sequence;
        }

        return true;
    }

    public void Forget(Guid generation) => _group[generation] = 0;

    /// <summary>The group is durable.</summary>
    public void Accept(IReadOnlyList<PendingWrite> group)
    {
        if (_committed.Count > MostRemembered)
        {
            _committed.Clear();
        }

        foreach (var (generation, sequence) in _group)
        {
            _committed[generation] = sequence;
        }

        foreach (var ended in group.Where(write => write.Refusal is null).SelectMany(write => write.Events).Where(entry => entry.IsLast))
        {
            _committed.Remove(ended.Generation);
        }

        _group.Clear();
    }

    /// <summary>The group was rolled back.</summary>
    public void Reject() => _group.Clear();

    private long Last(Guid generation)
    {
        if (_group.TryGetValue(generation, out var last) || _committed.TryGetValue(generation, out last))
        {
            return last;
        }

        return _committed[generation] = readLast(generation);
    }
}
