namespace Parley.Inference;

/// <summary>The bytes that a vocabulary can write one by one. Whatever a grammar may write with these alone can be finished token by token.</summary>
internal sealed class ByteAlphabetSet
{
    private readonly bool[] _has = new bool[256];

    public ByteAlphabetSet(IEnumerable<byte> bytes)
    {
        foreach (var value in bytes)
        {
            _has[value] = true;
        }

        HasAllAbove127 = Enumerable.Range(0x80, 0x40).Concat(Enumerable.Range(0xC2, 0x33)).All(value => _has[value]);
        HasEscapes = "\\u0123456789abcdef".All(letter => _has[letter]);
    }

    public static ByteAlphabetSet All { get; } = new(Enumerable.Range(0, 256).Select(value => (byte)value));

    /// <summary>Every character beyond ASCII can be written as it is.</summary>
    public bool HasAllAbove127 { get; }

    /// <summary>Any character can be written as JSON's \uXXXX.</summary>
    public bool HasEscapes { get; }

    public bool Has(byte value) => _has[value];

    public bool HasAny(byte first, byte last)
    {
        for (int value = first; value <= last; value++)
        {
            if (_has[value])
            {
                return true;
            }
        }

        return false;
    }
}
