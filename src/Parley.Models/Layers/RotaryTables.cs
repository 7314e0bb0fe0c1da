using Parley.Tensors;

namespace Parley.Models;

/// <summary>
/// One rotary table of a decoder, grown by doubling to the positions really used: a configuration that promises a
/// million positions costs nothing until they come. A table's numbers do not depend on its length, so growing changes no bit.
/// </summary>
internal sealed class RotaryTables(ModelConfig config, bool local) : IDisposable
{
    private const int Smallest = 512;

    private readonly Lock _growing = new();
    private readonly List<RotaryTable> _tables = []; // outgrown ones stay: a tape may still hold them
    private RotaryTable? _largest;

    /// <summary>A table that serves positions 0 up to, not including, <paramref name="needed"/>, which is at most the context.</summary>
    public RotaryTable Covering(int needed)
    {
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
            var (frequencies, magnitude) = RopeFrequencies.Of(config, local);
            var table = new RotaryTable(config.HeadDim, (int)Math.Min(length, config.ContextLength), frequencies, config.RopeStyle, magnitude);
            _tables.Add(table);
            Volatile.Write(ref _largest, table);
            return table;
        }
    }
}
