using System.Globalization;
using System.Text;

namespace Parley.Text;

/// <summary>
/// BERT's text to words: control characters dropped, white space and Chinese characters and punctuation set apart, letters lowered
/// and bared of their accents. llama.cpp and Hugging Face differ in small ways, which <see cref="AsLlamaCpp"/> decides.
/// </summary>
internal sealed record BertCleaner
{
    public bool Lowercases { get; init; } = true;

    public bool StripsAccents { get; init; } = true;

    /// <summary>Hugging Face's clean_text: without it control characters stay.</summary>
    public bool DropsControl { get; init; } = true;

    /// <summary>Every Chinese character is a word.</summary>
    public bool CutsChinese { get; init; } = true;

    /// <summary>
    /// llama.cpp keeps the first code point of a decomposition only (so of a Hangul syllable its first letter), drops marks of every
    /// kind, and cuts no ASCII symbols but those below 0x7F.
    /// </summary>
    public bool AsLlamaCpp { get; init; }

    /// <summary>The words in order; none is empty.</summary>
    public List<string> Words(string text)
    {
        if (StripsAccents && !AsLlamaCpp)
            text = CanonicalForms.Decompose(text);
        var words = new List<string>();
        var word = new StringBuilder();
        foreach (var original in text.EnumerateRunes())
        {
            var rune = StripsAccents && AsLlamaCpp ? CanonicalForms.Stem(original) : original;
            if (Rune.IsWhiteSpace(rune))
                Finish(word, words);
            else if (!IsDropped(rune))
                Append(rune, word, words);
        }

        Finish(word, words);
        return words;
    }

    private void Append(Rune rune, StringBuilder word, List<string> words)
    {
        var apart = IsPunctuation(rune) || (CutsChinese && IsChinese(rune.Value));
        if (apart)
            Finish(word, words);
        word.Append(Lowercases ? Lower(rune) : rune.ToString());
        if (apart)
            Finish(word, words);
    }

    private bool IsDropped(Rune rune)
    {
        var category = Rune.GetUnicodeCategory(rune);
        return (DropsControl && (rune.Value is 0 or 0xFFFD || category is UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.PrivateUse
                || (category == UnicodeCategory.OtherNotAssigned && !AsLlamaCpp)))
            || (StripsAccents && (category == UnicodeCategory.NonSpacingMark
                || (AsLlamaCpp && category is UnicodeCategory.SpacingCombiningMark or UnicodeCategory.EnclosingMark)));
    }

    // The runtime's simple mappings without culture leave the dotted capital I as it is.
    private static string Lower(Rune rune) => rune.Value == 0x130 ? "i" : Rune.ToLowerInvariant(rune).ToString();

    private static bool IsPunctuation(Rune rune) =>
        Rune.IsPunctuation(rune) || (rune.Value < 0x7F && Rune.IsSymbol(rune));

    // The block that begins at U+2B920 begins at U+2B820 in Unicode; both tokenizers have it so.
    private static bool IsChinese(int point) => point is
        (>= 0x4E00 and <= 0x9FFF) or (>= 0x3400 and <= 0x4DBF) or (>= 0x20000 and <= 0x2A6DF) or (>= 0x2A700 and <= 0x2B73F) or
        (>= 0x2B740 and <= 0x2B81F) or (>= 0x2B920 and <= 0x2CEAF) or (>= 0xF900 and <= 0xFAFF) or (>= 0x2F800 and <= 0x2FA1F);

    private static void Finish(StringBuilder word, List<string> words)
    {
        if (word.Length > 0)
            words.Add(word.ToString());
        word.Clear();
    }
}
