using System.Buffers.Binary;

namespace Parley.Models.Tests;

/// <summary>One random injury to a file: flipped bits, absurd numbers, cuts, doubled or moved pieces. Pure in the generator's state.</summary>
internal static class Mutation
{
    private static readonly ulong[] Absurd =
        [0, 1, 0x7F, 0xFF, 0x7FFF_FFFF, 0x8000_0000, 0xFFFF_FFFF, 0x1_0000_0000, 0x7FFF_FFFF_FFFF_FFFF, 0x8000_0000_0000_0000, ulong.MaxValue];

    /// <param name="headerBytes">Most injuries strike here.</param>
    public static byte[] Apply(byte[] good, int headerBytes, Random random)
    {
        var bytes = good.ToArray();
        var times = random.Next(1, 4);
        for (var i = 0; i < times && bytes.Length > 0; i++)
        {
            bytes = Once(bytes, Math.Min(headerBytes, bytes.Length), random);
        }

        return bytes.Length == 0 ? [0] : bytes;
    }

    private static byte[] Once(byte[] bytes, int header, Random random)
    {
        var at = random.Next(header);
        switch (random.Next(7))
        {
            case 0:
                bytes[at] ^= (byte)(1 << random.Next(8));
                return bytes;
            case 1:
                bytes[at] = (byte)random.Next(256);
                return bytes;
            case 2 when bytes.Length >= at + 8:
                BinaryPrimitives.WriteUInt64LittleEndian(bytes.AsSpan(at), Absurd[random.Next(Absurd.Length)]);
                return bytes;
            case 3 when bytes.Length >= at + 4:
                BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(at), (uint)Absurd[random.Next(Absurd.Length)]);
                return bytes;
            case 4:
                return bytes[..random.Next(bytes.Length)];
            case 5:
                var length = random.Next(Math.Min(64, bytes.Length - at));
                return [.. bytes.AsSpan(0, at), .. bytes.AsSpan(at, length), .. bytes.AsSpan(at)];
            default:
                var cut = Math.Min(bytes.Length, at + random.Next(32));
                return [.. bytes.AsSpan(0, at), .. bytes.AsSpan(cut)];
        }
    }
}
