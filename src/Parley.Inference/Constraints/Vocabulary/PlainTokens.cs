namespace Parley.Inference;

/// <summary>
/// The tokens that are whole characters without quote, backslash or control character: a JSON string takes them as they are, so in most
/// places all of them are allowed at once. Sorted by their number of characters.
/// </summary>
internal sealed class PlainTokens
{
    private readonly int[] _ids;
    private readonly int[] _ends; // by number of characters: how many tokens have at most so many
    private readonly ulong[] _all;

    public PlainTokens(IReadOnlyList<(int Id, byte[] Bytes)> tokens, int words)
    {
        var counted = tokens.Select(token => (token.Id, Characters: Characters(token.Bytes))).OrderBy(token => token.Characters).ToArray();
        _ids = [.. counted.Select(token => token.Id)];
        _ends = new int[(counted.Length == 0 ? 0 : counted[^1].Characters) + 1];
        _all = new ulong[words];
        foreach (var (id, characters) in counted)
        {
            _ends[characters]++;
            Set(_all, id);
        }

        for (var i = 1; i < _ends.Length; i++)
        {
            _ends[i] += _ends[i - 1];
        }
    }

    /// <summary>Characters of the longest one.</summary>
    public int Longest => _ends.Length - 1;

    public static bool IsPlain(ReadOnlySpan<byte> bytes) =>
        bytes.IndexOfAnyInRange((byte)0, (byte)0x1F) < 0 && bytes.IndexOfAny((byte)'"', (byte)'\\') < 0 && System.Text.Unicode.Utf8.IsValid(bytes);

    /// <summary>Allows every token of at most so many characters.</summary>
    public void Allow(int characters, ulong[] mask)
    {
        if (characters >= Longest)
        {
            for (var i = 0; i < mask.Length; i++)
            {
                mask[i] |= _all[i];
            }

            return;
        }

        foreach (var id in _ids.AsSpan(0, _ends[characters]))
        {
            Set(mask, id);
        }
    }

    private static int Characters(byte[] bytes) => bytes.Count(value => (value & 0xC0) != 0x80);

    private static void Set(ulong[] mask, int id) => mask[id >> 6] |= 1UL << (id & 63);
}
