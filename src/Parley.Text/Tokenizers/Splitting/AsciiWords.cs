using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Parley.Text;

/// <summary>
/// The common case of all patterns of the GPT family, found in one comparison of 16 characters instead of one look-up a character: ASCII letters, with
/// or without a space before them, and behind them an ASCII character that is no letter. Whatever is not plainly that is left to the scanners.
/// </summary>
internal enum AsciiWords
{
    /// <summary>The pattern may cut such a word.</summary>
    Unknown,

    /// <summary>Such a word is one match: nothing the pattern knows begins or ends in it.</summary>
    Letters,

    /// <summary>It is if only its first letter may be a capital, and no apostrophe follows.</summary>
    Capitalised,
}

internal static class AsciiWordScan
{
    /// <summary>How many characters are looked at.</summary>
    public const int Width = 16;

    /// <summary>The length of the word that begins here, or 0 when only the scanner can say.</summary>
    /// <param name="kind">What the pattern promises.</param>
    /// <param name="bytes">The next 16 characters, as <see cref="Load"/> gives them.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int Length(AsciiWords kind, Vector128<byte> bytes)
    {
        var letters = Vector128.LessThan((bytes | Vector128.Create((byte)0x20)) - Vector128.Create((byte)'a'), Vector128.Create((byte)26)).ExtractMostSignificantBits();
        var space = Vector128.Equals(bytes, Vector128.Create((byte)' ')).ExtractMostSignificantBits() & 1;
        var length = BitOperations.TrailingZeroCount(~(letters | space));
        var isWord = length > (int)space && length < Width && ((bytes.ExtractMostSignificantBits() >> length) & 1) == 0;
        return !isWord ? 0 : kind == AsciiWords.Letters ? length : Capitalised(bytes, letters, (int)space, length);
    }

    private static int Capitalised(Vector128<byte> bytes, uint letters, int space, int length)
    {
        var small = Vector128.LessThan(bytes - Vector128.Create((byte)'a'), Vector128.Create((byte)26)).ExtractMostSignificantBits();
        var capitals = letters & ~small & ((1u << length) - 1);
        return (capitals & ~(1u << space)) == 0 && bytes[length] != '\'' ? length : 0;
    }

    /// <summary>The first 16 characters as bytes; what does not fit is 255.</summary>
    /// <param name="text">At least <see cref="Width"/> characters.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<byte> Load(ReadOnlySpan<char> text)
    {
        var units = MemoryMarshal.Cast<char, ushort>(text);
        return Vector128.NarrowWithSaturation(Vector128.Create(units[..8]), Vector128.Create(units.Slice(8, 8)));
    }
}
