namespace Parley.Corpus.Generators;

/// <summary>
/// Random choices that are a pure function of (seed, stream, counter): SplitMix64 over a counter. Text number n of a
/// generator is the same whatever was drawn before it. System.Random was rejected: its sequence may change with .NET.
/// </summary>
public sealed class CounterRandom(ulong seed, ulong stream)
{
    private readonly ulong _key = StableHash.Mix(seed + 0x9E3779B97F4A7C15UL) ^ StableHash.Mix((stream * 0xD1342543DE82EF95UL) + 1);
    private ulong _counter;

    public ulong Next() => StableHash.Mix(_key + (++_counter * 0x9E3779B97F4A7C15UL));

    /// <summary>A number from 0 to <paramref name="limit"/>, exclusive. The bias of the multiplication is below 2^-32.</summary>
    public int Next(int limit) => (int)(((Next() >> 32) * (ulong)limit) >> 32);

    public int Between(int first, int last) => first + Next(last - first + 1);

    public T Pick<T>(IReadOnlyList<T> choices) => choices[Next(choices.Count)];

    public bool Chance(double probability) => (Next() >> 11) * (1.0 / (1UL << 53)) < probability;

    /// <summary>A choice of <paramref name="count"/> different ones, in random order.</summary>
    public T[] Sample<T>(IReadOnlyList<T> choices, int count)
    {
        T[] rest = [.. choices];
        for (var i = 0; i < count; i++)
        {
            var other = i + Next(rest.Length - i);
            (rest[i], rest[other]) = (rest[other], rest[i]);
        }

        return rest[..count];
    }
}
