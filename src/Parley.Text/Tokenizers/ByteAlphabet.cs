namespace Parley.Text;

/// <summary>
/// The GPT-2 byte alphabet: every byte has one printable character, so that vocabulary files can be text.
/// Source: bytes_to_unicode of openai/gpt-2 encoder.py. Ids 0-255 of a vocabulary trained here follow <see cref="BytesInOrder"/>.
/// </summary>
internal static class ByteAlphabet
{
    private static readonly char[] ToChar = new char[256];
    private static readonly short[] ToByte = new short[512];

    static ByteAlphabet()
    {
        Array.Fill(ToByte, (short)-1);
        var order = new List<byte>(256);
        for (var value = 0; value < 256; value++)
        {
            if (IsPrintable(value))
                Assign(value, (char)value, order);
        }

        var next = 256;
        for (var value = 0; value < 256; value++)
        {
            if (!IsPrintable(value))
                Assign(value, (char)next++, order);
        }

        BytesInOrder = [.. order];
    }

    /// <summary>The 256 bytes in the order GPT-2 numbers them: printable ones first.</summary>
    public static byte[] BytesInOrder { get; }

    public static string Write(ReadOnlySpan<byte> bytes)
    {
        Span<char> chars = bytes.Length <= 256 ? stackalloc char[bytes.Length] : new char[bytes.Length];
        Write(bytes, chars);
        return new string(chars);
    }

    /// <summary>One character for every byte.</summary>
    public static void Write(ReadOnlySpan<byte> bytes, Span<char> chars)
    {
        for (var i = 0; i < bytes.Length; i++)
            chars[i] = ToChar[bytes[i]];
    }

    /// <summary>False when a character is not of the alphabet: the token is then not a byte-level one.</summary>
    public static bool TryRead(string token, out byte[] bytes)
    {
        bytes = new byte[token.Length];
        for (var i = 0; i < token.Length; i++)
        {
            var value = token[i] < ToByte.Length ? ToByte[token[i]] : (short)-1;
            if (value < 0)
                return false;
            bytes[i] = (byte)value;
        }

        return true;
    }

    private static bool IsPrintable(int value) => value is (>= '!' and <= '~') or (>= 0xA1 and <= 0xAC) or (>= 0xAE and <= 0xFF);

    private static void Assign(int value, char character, List<byte> order)
    {
        ToChar[value] = character;
        ToByte[character] = (short)value;
        order.Add((byte)value);
    }
}
