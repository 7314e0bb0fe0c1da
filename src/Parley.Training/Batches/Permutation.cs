using System.Numerics;
using Parley.Tensors;

namespace Parley.Training.Batches;

/// <summary>
/// A shuffle of 0..count-1 that is computed, not stored: a four-round Feistel network over the next power of four, walked along its
/// cycles until it lands inside the range (Black and Rogaway, "Ciphers with Arbitrary Finite Domains", 2002). Equal keys, equal order.
/// </summary>
public readonly struct Permutation
{
    private const int Rounds = 4;

    private readonly ulong _seed;
    private readonly ulong _stream;
    private readonly int _halfBits;

    /// <param name="count">How many items, at least 1.</param>
    /// <param name="seed">The run's seed.</param>
    /// <param name="stream">What is shuffled, such as the number of the epoch.</param>
    public Permutation(long count, ulong seed, ulong stream)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(count);
        (Count, _seed, _stream) = (count, seed, stream);
        _halfBits = (BitOperations.Log2((ulong)Math.Max(1, count - 1)) / 2) + 1;
    }

    public long Count { get; }

    /// <summary>Where item <paramref name="index"/> lands; a bijection of 0..Count-1.</summary>
    public long this[long index]
    {
        get
        {
            ArgumentOutOfRangeException.ThrowIfNegative(index);
            ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(index, Count);
            var value = (ulong)index;
            do
            {
                value = Encrypt(value);
            }
            while (value >= (ulong)Count);
            return (long)value;
        }
    }

    private ulong Encrypt(ulong value)
    {
        var mask = (1UL << _halfBits) - 1;
        var (left, right) = (value >> _halfBits, value & mask);
        for (ulong round = 0; round < Rounds; round++)
        {
            var mixed = Philox.Next(_seed, _stream, (round << 40) | right).Item1;
            (left, right) = (right, (left ^ mixed) & mask);
        }

        return (left << _halfBits) | right;
    }
}
