namespace Parley.Corpus.Overlap;

/// <summary>
/// The last words of a text as one 128-bit hash, word after word. As GPT-3's check for contaminated tests does (Brown et al., 2020,
/// appendix C): letter case and everything that is neither letter nor digit count nothing, words are parted by white space. What vanishes
/// whole ("--") is no word.
/// </summary>
internal sealed class WordWindow(int size)
{
    private const ulong FirstStart = 0xCBF29CE484222325, FirstFactor = 0x100000001B3; // FNV-1a
    private const ulong SecondStart = 0x84222325CBF29CE4, SecondFactor = 0x9E3779B97F4A7C15;

    private readonly (ulong First, ulong Second)[] _words = new (ulong, ulong)[size];
    private (ulong First, ulong Second) _word = (FirstStart, SecondStart);
    private bool _inWord;

    /// <summary>Words since the last <see cref="Clear"/>.</summary>
    public long Count { get; private set; }

    /// <summary>The hash of the last words; meaningful once there were as many as the window holds.</summary>
    public UInt128 Hash
    {
        get
        {
            var hash = (First: FirstStart, Second: SecondStart);
            for (var i = 0; i < size; i++)
            {
                var (first, second) = _words[(int)((Count + i) % size)];
                hash = Mix(Mix(hash, first), second);
            }

            return new UInt128(hash.First, hash.Second);
        }
    }

    /// <summary>A new text begins.</summary>
    public void Clear() => (Count, _inWord, _word) = (0, false, (FirstStart, SecondStart));

    /// <summary>Takes characters up to the end of one word; the text's end, or a line's, ends a word too.</summary>
    /// <param name="text">What is left of the text; what was taken is cut off.</param>
    /// <returns>True at the end of a word, false at the end of the text.</returns>
    public bool Next(ref ReadOnlySpan<char> text)
    {
        for (var i = 0; i < text.Length; i++)
        {
            if (char.IsLetterOrDigit(text[i]) || char.IsSurrogate(text[i]))
            {
                (_word, _inWord) = (Mix(_word, char.ToLowerInvariant(text[i])), true);
            }
            else if (char.IsWhiteSpace(text[i]) && _inWord)
            {
                text = text[(i + 1)..];
                return EndWord();
            }
        }

        text = default;
        return _inWord && EndWord();
    }

    /// <summary>True when the window is full of words of this text.</summary>
    public bool IsFull => Count >= size;

    private bool EndWord()
    {
        _words[(int)(Count++ % size)] = _word;
        (_word, _inWord) = ((FirstStart, SecondStart), false);
        return true;
    }

    private static (ulong First, ulong Second) Mix((ulong First, ulong Second) hash, ulong value)
    {
        var second = (hash.Second + value) * SecondFactor;
        return ((hash.First ^ value) * FirstFactor, second ^ (second >> 29));
    }
}
