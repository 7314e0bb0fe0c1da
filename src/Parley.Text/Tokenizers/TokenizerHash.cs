using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;

namespace Parley.Text;

/// <summary>The hash of a tokenizer's definition, for those that have no file of their own to take it of.</summary>
internal static class TokenizerHash
{
    public static string Of(ReadOnlySpan<byte> source) => Convert.ToHexStringLower(SHA256.HashData(source));

    public static string Of(string kind, TokenizerHabits habits, IEnumerable<string> tokens, IEnumerable<GgufTokenType> types, ReadOnlySpan<byte> more)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        Append(hash, kind);
        hash.AppendData(MemoryMarshal.AsBytes<int>([habits.Prefix.Count, .. habits.Prefix, .. habits.Suffix]));
        foreach (var token in tokens)
            Append(hash, token);
        hash.AppendData(MemoryMarshal.AsBytes<GgufTokenType>([.. types]));
        hash.AppendData(more);
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    private static void Append(IncrementalHash hash, string text)
    {
        hash.AppendData(Encoding.UTF8.GetBytes(text));
        hash.AppendData([0xFF]);
    }
}
