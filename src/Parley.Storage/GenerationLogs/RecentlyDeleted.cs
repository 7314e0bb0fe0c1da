namespace Parley.Storage;

/// <summary>
/// The generations deleted last. A reader that found its generation a moment before it was deleted would otherwise wait for ever for its first event; whoever
/// comes later finds no row that leads here. Any thread.
/// </summary>
internal sealed class RecentlyDeleted
{
    private const int Most = 10_000;

    private readonly Lock _lock = new();
    private readonly HashSet<Guid> _known = [];
    private readonly Queue<Guid> _order = new();

    public void Add(IReadOnlyList<Guid> generations)
    {
        lock (_lock)
        {
            foreach (var generation in generations.Where(_known.Add))
            {
                _order.Enqueue(generation);
            }

            while (_order.Count > Most)
            {
                _known.Remove(_order.Dequeue());
            }
        }
    }

    public bool Has(Guid generation)
    {
        lock (_lock)
        {
            return _known.Contains(generation);
        }
    }
}
