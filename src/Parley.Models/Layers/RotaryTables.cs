using Parley.Tensors;

namespace Parley.Models;

/// <summary>
/// The rotary table of one decoder, grown by doubling to the positions really used: a configuration that promises a
/// million positions costs nothing until they come. A table's numbers do not depend on its length, so growing changes no bit.
/// </summary>
internal sealed class RotaryTables(ModelConfig config) : IDisposable
{
    private const int Smallest = 512;

    private readonly Lock _growing = new();
    private readonly List<RotaryTable> _tables = []; // outgrown ones stay: a tape may still hold them
    private RotaryTable? _largest;

    /// <summary>A table that serves every one of <paramref name="positions"/>.</summary>
    /// <exception cref="ArgumentException">A position lies beyond the model's context.</exception>
    public RotaryTable Covering(ReadOnlySpan<int> positions)
    {
        var needed = 1;
        foreach (var position in positions)
        {
            needed = Math.Max(needed, position + 1);
        }

        if (needed > config.ContextLength)
        {
            throw new ArgumentException(
                $"Position {needed - 1} lies beyond the model's context of {config.ContextLength} tokens; shorten the sequence.", nameof(positions));
        }

        var largest = Volatile.Read(ref _largest);
        return largest is not null && largest.MaxPositions >= needed ? largest : Grow(needed);
    }

    public void Dispose()
    {
        foreach (var table in _tables)
        {
            table.Dispose();
        }
    }

    private RotaryTable Grow(int needed)
    {
        lock (_growing)
        {
            if (_largest is not null && _largest.MaxPositions >= needed)
            {
                return _largest;
            }

            var length = Math.Max(Smallest, (long)System.Numerics.BitOperations.RoundUpToPowerOf2((uint)needed));
            var table = new RotaryTable(config.HeadDim, (int)Math.Min(length, config.ContextLength), config.RopeTheta, config.RopeStyle);
            _tables.Add(table);
            Volatile.Write(ref _largest, table);
            return table;
        }
    }
}
