namespace Parley.Corpus.Generators.SimpleDialogueTopics;

/// <summary>How people type: with and without capitals, punctuation and courtesy, now and then two letters swapped.</summary>
internal static class Typing
{
    private static readonly string[] Openers = ["hey, ", "hi, ", "ok, ", "please tell me: ", "quick question: ", "so, ", "and ", "one more thing: "];

    private static readonly string[] SilentStarts = ["hour", "honest", "heir"];

    private static readonly string[] ConsonantStarts = ["uni", "use", "euro", "one"];

    public static string Careless(CounterRandom random, string text)
    {
        text = Casual(random, text);
        return random.Chance(0.08) ? SwapLetters(random, text) : text;
    }

    /// <summary>As <see cref="Careless"/>, but every word stays spelled right.</summary>
    public static string Casual(CounterRandom random, string text)
    {
        if (random.Chance(0.06) && text.EndsWith('?') && !text.StartsWith("And ", StringComparison.Ordinal))
            text = random.Pick(Openers) + LowerFirst(text);
        if (random.Chance(0.25))
            text = text.ToLowerInvariant();
        else if (random.Chance(0.03))
            text = text.ToUpperInvariant();
        if (random.Chance(0.3))
            text = text.TrimEnd('?', '.', '!');
        else if (random.Chance(0.03))
            text += text[^1] is '?' or '!' ? text[^1].ToString() : "";
        return random.Chance(0.08) ? text.Replace("'", "", StringComparison.Ordinal) : text;
    }

    public static string LowerFirst(string text) =>
        text.StartsWith("I ", StringComparison.Ordinal) ? text : char.ToLowerInvariant(text[0]) + text[1..];

    public static string UpperFirst(string text) => char.ToUpperInvariant(text[0]) + text[1..];

    /// <summary>"a" or "an" before a word, by its sound: an hour, a uniform.</summary>
    public static string Article(string word)
    {
        var startsWithVowel = "aeiou".Contains(word[0], StringComparison.Ordinal) && !StartsWithAny(word, ConsonantStarts);
        return startsWithVowel || StartsWithAny(word, SilentStarts) ? "an" : "a";
    }

    private static bool StartsWithAny(string word, string[] starts) =>
        Array.Exists(starts, start => word.StartsWith(start, StringComparison.Ordinal));

    // Two neighbours inside a word of five letters or more, never its ends: it stays readable.
    private static string SwapLetters(CounterRandom random, string text)
    {
        var words = text.Split(' ');
        var at = random.Next(words.Length);
        var word = words[at];
        if (word.Length < 5 || !word.All(char.IsAsciiLetter))
            return text;
        var i = random.Between(1, word.Length - 3);
        words[at] = $"{word[..i]}{word[i + 1]}{word[i]}{word[(i + 2)..]}";
        return string.Join(' ', words);
    }
}
