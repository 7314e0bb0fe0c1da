using System.Text;

namespace Parley.Corpus.Generators;

/// <summary>
/// A 64-bit hash of a text that is the same on every machine and for ever: FNV-1a over UTF-8, then SplitMix64's finisher.
/// Splits into training and held-out parts rest on it, so it may never change. Not for security.
/// </summary>
public static class StableHash
{
    public static ulong Of(string text)
    {
        var hash = 14695981039346656037UL;
        foreach (var value in Encoding.UTF8.GetBytes(text))
            hash = (hash ^ value) * 1099511628211UL;
        return Mix(hash);
    }

    /// <summary>The hash as a share from 0 to 1, to cut a fixed part off.</summary>
    public static double Share(string text) => (Of(text) >> 11) * (1.0 / (1UL << 53));

    internal static ulong Mix(ulong value)
    {
        value = (value ^ (value >> 30)) * 0xBF58476D1CE4E5B9UL;
        value = (value ^ (value >> 27)) * 0x94D049BB133111EBUL;
        return value ^ (value >> 31);
    }
}
