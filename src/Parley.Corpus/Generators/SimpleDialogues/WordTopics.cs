using System.Globalization;

namespace Parley.Corpus.Generators.SimpleDialogueTopics;

/// <summary>Small jobs with words and numbers, each with a right answer: spelling, counting, lists, rewriting.</summary>
internal static class WordTopics
{
    private static readonly string[] Phrases =
    [
        "good morning", "the cat sleeps", "I like tea", "we go home", "hello world", "it is late", "a small house", "the sun is warm", "my old friend",
        "see you soon", "happy birthday", "the red door", "birds can fly", "do not worry", "time to eat", "a long road", "the rain has stopped", "open the window",
        "she reads a book", "the dog runs fast", "winter is cold", "keep the key", "our green garden", "come with me", "the train is late", "I am ready",
    ];

    private static readonly string[] Nouns =
        [.. WordTable.Definitions.Where(row => row[1].StartsWith(Typing.Article(row[0]) + " ", StringComparison.Ordinal)).Select(row => row[0])];

    public static void Spell(DialogueDraft draft)
    {
        var word = ShortWord(draft);
        var letters = string.Join("-", word.Select(letter => char.ToUpperInvariant(letter)));
        switch (draft.Random.Next(3))
        {
            case 0:
                draft.SayExactly(
                    draft.Pick(
                        $"How do you spell {word}?", $"Spell the word {word}.", $"Spell {word}", $"How is {word} spelled?",
                        $"please spell \"{word}\""),
                    $"{Typing.UpperFirst(word)} is spelled {letters}.");
                break;
            case 1:
                draft.SayExactly(
                    draft.Pick($"What is the first letter of {word}?", $"Which letter does {word} begin with?", $"first letter of {word}?"),
                    $"The first letter of {word} is {char.ToUpperInvariant(word[0])}.");
                break;
            default:
                draft.SayExactly(
                    draft.Pick($"How many letters does {word} have?", $"How many letters are in the word {word}?", $"Count the letters of {word}."),
                    $"The word {word} has {NumberWords.Of(word.Length)} letters: {letters}.");
                break;
        }
    }

    public static void Count(DialogueDraft draft)
    {
        var first = draft.Random.Between(1, 90);
        switch (draft.Random.Next(4))
        {
            case 0:
                var last = draft.Random.Between(3, 12);
                draft.Say(draft.Pick($"Count to {last}.", $"Count from 1 to {last}.", $"Can you count to {last}?"), Join(Enumerable.Range(1, last)));
                break;
            case 1:
                draft.Say(
                    draft.Pick($"What number comes after {first}?", $"Which number comes after {first}?", $"What comes after {first}?"),
                    $"{first + 1} comes after {first}.");
                break;
            case 2:
                draft.Say(
                    draft.Pick($"What number comes before {first}?", $"Which number comes before {first}?"),
                    $"{first - 1} comes before {first}.");
                break;
            default:
                var number = draft.Random.Chance(0.6) ? draft.Random.Next(21) : draft.Random.Next(101);
                draft.Say(
                    draft.Pick($"Write {number} in words.", $"How do you write {number} in words?", $"{number} in words?"),
                    $"{Typing.UpperFirst(NumberWords.Of(number))}.");
                break;
        }
    }

    public static void List(DialogueDraft draft)
    {
        var row = draft.Random.Pick(WordTable.Lists);
        var choices = row[1].Split(", ");
        var count = draft.Random.Between(2, Math.Min(5, choices.Length));
        var inOrder = row[0] is "months" or "planets" or "days of the week" or "seasons" or "even numbers" or "odd numbers";
        var items = inOrder ? choices[..count] : draft.Random.Sample(choices, count);
        var number = draft.Random.Chance(0.5) ? NumberWords.Of(count) : count.ToString(CultureInfo.InvariantCulture);
        draft.Say(
            draft.Pick(
                $"Name {number} {row[0]}.", $"List {number} {row[0]}.", $"Give me {number} {row[0]}.", $"Can you name {number} {row[0]}?",
                $"Tell me {number} {row[0]}.", $"Write a list of {number} {row[0]}."),
            string.Join('\n', items.Select((item, i) => $"{i + 1}. {Typing.UpperFirst(item)}")));
    }

    public static void Rewrite(DialogueDraft draft)
    {
        var phrase = draft.Random.Chance(0.5)
            ? draft.Pick(Phrases)
            : $"{draft.Pick("the", "my", "our")} {draft.Random.Pick(Nouns)} and the {draft.Random.Pick(Nouns)}";
        switch (draft.Random.Next(5))
        {
            case 0:
                draft.SayExactly(
                    draft.Pick($"Write this in capital letters: {phrase}", $"Write in upper case: {phrase}", $"Make this upper case: {phrase}"),
                    phrase.ToUpperInvariant());
                break;
            case 1:
                draft.SayExactly(
                    draft.Pick($"Repeat after me: {phrase}", $"Say this: {phrase}", $"Please repeat: {phrase}", $"Repeat this: {phrase}"),
                    phrase);
                break;
            case 2:
                draft.SayExactly(draft.Pick($"What is the last word of \"{phrase}\"?", $"Give me the last word: {phrase}"), phrase.Split(' ')[^1]);
                break;
            case 3:
                draft.SayExactly(draft.Pick($"What is the first word of \"{phrase}\"?", $"Give me the first word: {phrase}"), phrase.Split(' ')[0]);
                break;
            default:
                draft.SayExactly(
                    draft.Pick($"How many words are in \"{phrase}\"?", $"Count the words: {phrase}"),
                    $"There are {NumberWords.Of(phrase.Split(' ').Length)} words.");
                break;
        }
    }

    private static string ShortWord(DialogueDraft draft)
    {
        while (true)
        {
            var word = draft.Random.Pick(draft.Random.Chance(0.7) ? WordTable.Definitions : WordTable.Plurals)[0];
            if (word.Length is >= 3 and <= 6)
                return word;
        }
    }

    private static string Join(IEnumerable<int> numbers) => string.Join(", ", numbers) + ".";
}
