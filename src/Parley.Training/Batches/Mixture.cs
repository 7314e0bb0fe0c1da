namespace Parley.Training.Batches;

/// <summary>
/// Which of several sources each slot of a run is taken from. After any number of slots each source has had its share of them, give or take fewer than
/// there are sources; and which draw of its source a slot is follows from its number alone. Whole numbers only, so every machine agrees.
/// </summary>
public sealed class Mixture
{
    private const int Bits = 32;

    private readonly ulong[] _shares; // of source k among the sources from k on, in units of 2^-32

    /// <param name="weights">One or more, in any unit.</param>
    /// <exception cref="ArgumentException">A weight is not a positive number.</exception>
    public Mixture(IReadOnlyList<double> weights)
    {
        foreach (var weight in weights)
        {
            if (!double.IsFinite(weight) || weight <= 0)
                throw new ArgumentException($"A weight of {weight} is not a positive number; give each set its share, such as 0.7.", nameof(weights));
        }

        _shares = [.. weights.Select((weight, index) => (ulong)Math.Round(weight / weights.Skip(index).Sum() * (1UL << Bits)))];
    }

    /// <summary>The source of a slot, and the how-manieth draw from it this is, from 0.</summary>
    public (int Source, long Draw) this[long slot]
    {
        get
        {
            for (var source = 0; source < _shares.Length - 1; source++)
            {
                var before = Taken(source, slot);
                if (Taken(source, slot + 1) > before)
                    return (source, before);
                slot -= before;
            }

            return (_shares.Length - 1, slot);
        }
    }

    private long Taken(int source, long slots) => (long)(((UInt128)(ulong)slots * _shares[source]) >> Bits);
}
