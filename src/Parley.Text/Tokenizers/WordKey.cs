using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Parley.Text;

/// <summary>
/// A short word as one number of 128 bits: up to 15 ASCII characters as bytes, or up to 7 of any kind, and which of the two it is. Equal keys are equal
/// words, so a table of them needs neither strings nor a second comparison. No word has the key 0.
/// </summary>
internal readonly record struct WordKey(ulong Low, ulong High)
{
    private const int MostAscii = 15;
    private const int MostWide = 7;
    private const ulong Wide = 0xFF00UL << 48;

    /// <summary>No word's key: in no table.</summary>
    public static WordKey None => new(0, ulong.MaxValue);

    private static Vector128<byte> Places => Vector128.Create((byte)0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15);

    /// <summary>Mixed so that the highest bits choose a slot (the multiplication of wyhash).</summary>
    public ulong Hash
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get
        {
            var high = Math.BigMul(Low ^ 0x9E3779B97F4A7C15, High ^ 0xD1B54A32D192ED03, out var low);
            return high ^ low;
        }
    }

    /// <summary>The key of the word at the front of a text, not of words that are too long.</summary>
    public static bool TryCreate(ReadOnlySpan<char> text, int length, out WordKey key)
    {
        if (length > MostAscii)
        {
            key = None;
            return false;
        }

        if (text.Length >= AsciiWordScan.Width)
            return TryCreate(text, AsciiWordScan.Load(text), length, out key);
        Span<char> padded = stackalloc char[AsciiWordScan.Width];
        text[..length].CopyTo(padded);
        return TryCreate(padded, AsciiWordScan.Load(padded), length, out key);
    }

    public override int GetHashCode() => (int)(Hash >> 32);

    /// <summary>The word again.</summary>
    public string Text()
    {
        Span<ulong> words = [Low, High & ~(0xFFFFUL << 48)];
        return (High >> 56) == 0xFF
            ? new string(MemoryMarshal.Cast<ulong, char>(words)[..(int)((High >> 48) & 0xFF)])
            : System.Text.Encoding.ASCII.GetString(MemoryMarshal.AsBytes((ReadOnlySpan<ulong>)[Low, High])[..(int)(High >> 56)]);
    }

    /// <summary>The key of up to 15 ASCII characters at the front of 16.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static WordKey OfAscii(Vector128<byte> bytes, int length)
    {
        var halves = (bytes & Vector128.LessThan(Places, Vector128.Create((byte)length))).AsUInt64();
        return new WordKey(halves[0], halves[1] | ((ulong)length << 56));
    }

    private static bool TryCreate(ReadOnlySpan<char> text, Vector128<byte> bytes, int length, out WordKey key)
    {
        if ((bytes.ExtractMostSignificantBits() & ((1u << length) - 1)) == 0)
        {
            key = OfAscii(bytes, length);
            return true;
        }

        if (length > MostWide)
        {
            key = None;
            return false;
        }

        Span<ulong> words = stackalloc ulong[2];
        words.Clear();
        text[..length].CopyTo(MemoryMarshal.Cast<ulong, char>(words));
        key = new WordKey(words[0], words[1] | Wide | ((ulong)length << 48));
        return true;
    }
}
