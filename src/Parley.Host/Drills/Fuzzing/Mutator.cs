using System.Buffers.Binary;

namespace Parley.Host.Drills.Fuzzing;

/// <summary>
/// Injures a good file in one to four places: flipped bits, absurd numbers, cuts, doubled, moved and foreign pieces, words of
/// the format where they do not belong, deep nesting. Pure in the generator's state.
/// </summary>
/// <param name="words">Pieces of the format that are worth inserting.</param>
internal sealed class Mutator(IReadOnlyList<byte[]> words)
{
    private const int LongestPiece = 64;
    private const int LongestRun = 5000;

    private static readonly ulong[] Absurd =
    [
        0, 1, 2, 0x7F, 0x80, 0xFF, 0x7FFF, 0xFFFF, 0x7FFF_FFFF, 0x8000_0000, 0xFFFF_FFFF, 0x1_0000_0000, 0x4000_0000_0000_0000,
        0x7FFF_FFFF_FFFF_FFFF, 0x8000_0000_0000_0000, ulong.MaxValue - 1, ulong.MaxValue,
    ];

    /// <param name="good">A file that is accepted.</param>
    /// <param name="other">Another good file of the format, for foreign pieces.</param>
    /// <param name="head">Most injuries strike in the first so many bytes.</param>
    public byte[] Apply(byte[] good, byte[] other, int head, ref SplitMix random)
    {
        var bytes = good;
        for (var times = 1 + random.Next(4); times > 0; times--)
        {
            var reach = random.Next(8) == 0 ? bytes.Length : Math.Min(head, bytes.Length);
            bytes = Once(bytes, other, random.Next(reach), ref random);
        }

        return bytes.Length == 0 ? [0] : bytes;
    }

    private byte[] Once(byte[] bytes, byte[] other, int at, ref SplitMix random) => random.Next(words.Count == 0 ? 11 : 15) switch
    {
        0 => Overwrite(bytes, at, [(byte)(bytes.Length == 0 ? 0 : bytes[at] ^ (1 << random.Next(8)))]),
        1 => Overwrite(bytes, at, [(byte)random.Next(256)]),
        2 => Overwrite(bytes, at, Number(8, ref random)),
        3 => Overwrite(bytes, at, Number(4, ref random)),
        4 => bytes[..at],
        5 => Insert(bytes, at, bytes.AsSpan(at, Math.Min(random.Next(LongestPiece), bytes.Length - at)).ToArray()),
        6 => [.. bytes.AsSpan(0, at), .. bytes.AsSpan(Math.Min(bytes.Length, at + random.Next(LongestPiece)))],
        7 => Insert(bytes, at, Piece(other, ref random)),
        8 => Overwrite(bytes, at, Piece(other, ref random)),
        9 => words.Count == 0 ? Overwrite(bytes, at, Number(1, ref random)) : Insert(bytes, at, words[random.Next(words.Count)]),
        10 => words.Count == 0 ? Overwrite(bytes, at, Number(8, ref random)) : Insert(bytes, at, Run(words[random.Next(words.Count)], random.Next(LongestRun))),
        11 or 12 => ReplaceToken(bytes, at, IsNumber, Decimal(ref random)),
        _ => ReplaceToken(bytes, at, IsWord, words[random.Next(words.Count)] is { Length: > 1 } word && random.Next(2) == 0 ? word : TokenAt(other, random.Next(other.Length), IsWord)),
    };

    // Injuries that leave the text's grammar whole reach further into a reader than broken brackets do.
    private static byte[] ReplaceToken(byte[] bytes, int at, Func<byte, bool> belongs, byte[] replacement)
    {
        var (start, end) = Token(bytes, at, belongs);
        return start == end ? bytes : [.. bytes.AsSpan(0, start), .. replacement, .. bytes.AsSpan(end)];
    }

    private static byte[] TokenAt(byte[] bytes, int at, Func<byte, bool> belongs)
    {
        var (start, end) = Token(bytes, at, belongs);
        return bytes[start..end];
    }

    private static (int Start, int End) Token(byte[] bytes, int at, Func<byte, bool> belongs)
    {
        var start = at;
        while (start < bytes.Length && !belongs(bytes[start]))
        {
            start++;
        }

        var end = start;
        while (end < bytes.Length && belongs(bytes[end]))
        {
            end++;
        }

        return (start, end);
    }

    private static bool IsNumber(byte value) => value is >= (byte)'0' and <= (byte)'9' or (byte)'.';

    private static bool IsWord(byte value) => char.IsAsciiLetterOrDigit((char)value) || value is (byte)'_' or (byte)'-';

    private static byte[] Decimal(ref SplitMix random) =>
        System.Text.Encoding.ASCII.GetBytes(Absurd[random.Next(Absurd.Length)].ToString(System.Globalization.CultureInfo.InvariantCulture));

    private static byte[] Number(int width, ref SplitMix random)
    {
        var bytes = new byte[8];
        // Near an absurd number is as bad as the number.
        BinaryPrimitives.WriteUInt64LittleEndian(bytes, Absurd[random.Next(Absurd.Length)] + (ulong)random.Next(3));
        return bytes[..width];
    }

    private static byte[] Piece(byte[] bytes, ref SplitMix random)
    {
        var at = random.Next(bytes.Length);
        return bytes.AsSpan(at, Math.Min(1 + random.Next(LongestPiece), bytes.Length - at)).ToArray();
    }

    private static byte[] Run(byte[] word, int times)
    {
        var run = new byte[word.Length * Math.Min(times, LongestRun / Math.Max(1, word.Length))];
        for (var i = 0; i < run.Length; i++)
        {
            run[i] = word[i % word.Length];
        }

        return run;
    }

    private static byte[] Insert(byte[] bytes, int at, byte[] piece) => [.. bytes.AsSpan(0, at), .. piece, .. bytes.AsSpan(at)];

    private static byte[] Overwrite(byte[] bytes, int at, byte[] piece)
    {
        var copy = bytes.ToArray();
        piece.AsSpan(0, Math.Min(piece.Length, copy.Length - at)).CopyTo(copy.AsSpan(at));
        return copy;
    }
}
