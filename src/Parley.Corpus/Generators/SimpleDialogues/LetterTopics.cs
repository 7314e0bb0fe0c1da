namespace Parley.Corpus.Generators.SimpleDialogueTopics;

/// <summary>Jobs with letters and short lists whose answer can be checked to the letter: first and last letter, sorting, turning around.</summary>
internal static class LetterTopics
{
    private static readonly string[] Words =
        [.. WordTable.Definitions.Select(row => row[0]).Where(word => word.Length is >= 3 and <= 7 && word.All(char.IsAsciiLetterLower))];

    public static void Letter(DialogueDraft draft)
    {
        var word = draft.Random.Pick(Words);
        var (which, letter) = draft.Random.Chance(0.5) ? ("first", word[0]) : ("last", word[^1]);
        draft.SayExactly(
            draft.Pick(
                $"What is the {which} letter of {word}?", $"What's the {which} letter of the word {word}?",
                $"Which is the {which} letter in {word}?"),
            $"The {which} letter of {word} is {char.ToUpperInvariant(letter)}.");
    }

    public static void Sort(DialogueDraft draft)
    {
        var words = ApartByFirstLetter(draft);
        var list = string.Join(", ", words);
        draft.SayExactly(
            draft.Pick($"Put these words in alphabetical order: {list}", $"Sort these words: {list}", $"Sort by the alphabet: {list}"),
            string.Join(", ", words.Order(StringComparer.Ordinal)));
    }

    public static void Reverse(DialogueDraft draft)
    {
        var words = draft.Random.Chance(0.5)
            ? draft.Random.Sample(Words, draft.Random.Between(2, 4))
            : [.. Enumerable.Range(draft.Random.Between(1, 15), draft.Random.Between(3, 5)).Select(number => $"{number}")];
        var list = string.Join(", ", words);
        draft.SayExactly(
            draft.Pick($"Reverse this list: {list}", $"Write this list backwards: {list}", $"Turn this list around: {list}"),
            string.Join(", ", words.Reverse()));
    }

    /// <summary>Numbers from the smallest to the largest, or the other way.</summary>
    public static void SortNumbers(DialogueDraft draft)
    {
        var numbers = draft.Random.Sample([.. Enumerable.Range(1, draft.Random.Chance(0.6) ? 20 : 99)], draft.Random.Between(3, 4));
        var list = string.Join(", ", numbers);
        if (draft.Random.Chance(0.7))
            draft.SayExactly(
                draft.Pick($"Sort these numbers: {list}", $"Put these numbers in order: {list}", $"Sort from small to large: {list}"),
                string.Join(", ", numbers.Order()));
        else
            draft.SayExactly(
                draft.Pick($"Sort from large to small: {list}", $"Put the largest number first: {list}"),
                string.Join(", ", numbers.OrderDescending()));
    }

    // First letters differ, so that looking at one letter is enough.
    private static string[] ApartByFirstLetter(DialogueDraft draft)
    {
        var count = draft.Random.Between(3, 4);
        return [.. draft.Random.Sample(Words, 12).DistinctBy(word => word[0]).Take(count)];
    }
}
