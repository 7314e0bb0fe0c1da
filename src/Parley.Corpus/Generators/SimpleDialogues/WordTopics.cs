using System.Globalization;

namespace Parley.Corpus.Generators.SimpleDialogueTopics;

/// <summary>Small jobs with words and numbers, each with a right answer: spelling, counting, sums, lists, rewriting.</summary>
internal static class WordTopics
{
    private static readonly string[] NumberWords =
    [
        "zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve", "thirteen",
        "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen", "twenty",
    ];

    private static readonly string[] Phrases =
    [
        "good morning", "the cat sleeps", "I like tea", "we go home", "hello world", "it is late", "a small house", "the sun is warm", "my old friend",
        "see you soon", "happy birthday", "the red door", "birds can fly", "do not worry", "time to eat", "a long road", "the rain has stopped", "open the window",
        "she reads a book", "the dog runs fast", "winter is cold", "keep the key", "our green garden", "come with me", "the train is late", "I am ready",
    ];

    public static void Spell(DialogueDraft draft)
    {
        var word = ShortWord(draft);
        var letters = string.Join("-", word.Select(letter => char.ToUpperInvariant(letter)));
        switch (draft.Random.Next(3))
        {
            case 0:
                draft.SayExactly(draft.Pick($"How do you spell {word}?", $"Spell the word {word}.", $"Spell {word}", $"How is {word} spelled?", $"please spell \"{word}\""), $"{Typing.UpperFirst(word)} is spelled {letters}.");
                break;
            case 1:
                draft.SayExactly(draft.Pick($"What is the first letter of {word}?", $"Which letter does {word} begin with?", $"first letter of {word}?"), $"The first letter of {word} is {char.ToUpperInvariant(word[0])}.");
                break;
            default:
                draft.SayExactly(draft.Pick($"How many letters does {word} have?", $"How many letters are in the word {word}?", $"Count the letters of {word}."), $"The word {word} has {NumberWords[word.Length]} letters: {letters}.");
                break;
        }
    }

    public static void Sum(DialogueDraft draft)
    {
        var (a, b) = (draft.Random.Between(0, 20), draft.Random.Between(0, 20));
        if (draft.Random.Chance(0.4))
        {
            (a, b) = (Math.Max(a, b), Math.Min(a, b));
            Ask(draft, a, b, a - b, draft.Pick("-", "minus"));
        }
        else
        {
            b = Math.Min(b, 20 - a);
            Ask(draft, a, b, a + b, draft.Pick("+", "plus"));
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
                draft.Say(draft.Pick($"What number comes after {first}?", $"Which number comes after {first}?", $"What comes after {first}?"), $"{first + 1} comes after {first}.");
                break;
            case 2:
                draft.Say(draft.Pick($"What number comes before {first}?", $"Which number comes before {first}?"), $"{first - 1} comes before {first}.");
                break;
            default:
                var number = draft.Random.Next(21);
                draft.Say(draft.Pick($"Write {number} in words.", $"How do you write {number} in words?", $"{number} in words?"), $"{Typing.UpperFirst(NumberWords[number])}.");
                break;
        }
    }

    public static void Compare(DialogueDraft draft)
    {
        var a = draft.Random.Between(1, 99);
        var b = draft.Random.Between(1, 99);
        if (a == b)
            b++;
        var larger = draft.Random.Chance(0.6);
        draft.Say(
            larger ? draft.Pick($"Which is larger, {a} or {b}?", $"Which number is bigger: {a} or {b}?") : draft.Pick($"Which is smaller, {a} or {b}?", $"Which number is smaller: {a} or {b}?"),
            larger ? $"{Math.Max(a, b)} is larger than {Math.Min(a, b)}." : $"{Math.Min(a, b)} is smaller than {Math.Max(a, b)}.");
    }

    public static void List(DialogueDraft draft)
    {
        var row = draft.Random.Pick(WordTable.Lists);
        var count = draft.Random.Between(2, 5);
        var inOrder = row[0] is "months" or "planets" or "days of the week";
        var choices = row[1].Split(", ");
        var items = inOrder ? choices[..count] : draft.Random.Sample(choices, count);
        var number = draft.Random.Chance(0.5) ? NumberWords[count] : count.ToString(CultureInfo.InvariantCulture);
        draft.Say(
            draft.Pick($"Name {number} {row[0]}.", $"List {number} {row[0]}.", $"Give me {number} {row[0]}.", $"Can you name {number} {row[0]}?", $"Tell me {number} {row[0]}.", $"Write a list of {number} {row[0]}."),
            string.Join('\n', items.Select((item, i) => $"{i + 1}. {Typing.UpperFirst(item)}")));
    }

    public static void Rewrite(DialogueDraft draft)
    {
        var phrase = draft.Random.Chance(0.5) ? draft.Pick(Phrases) : $"{draft.Pick("the", "my", "our", "a")} {draft.Random.Pick(WordTable.Definitions)[0]} and the {draft.Random.Pick(WordTable.Definitions)[0]}";
        switch (draft.Random.Next(5))
        {
            case 0:
                draft.SayExactly(draft.Pick($"Write this in capital letters: {phrase}", $"Write in upper case: {phrase}", $"Make this upper case: {phrase}"), phrase.ToUpperInvariant());
                break;
            case 1:
                draft.SayExactly(draft.Pick($"Repeat after me: {phrase}", $"Say this: {phrase}", $"Please repeat: {phrase}", $"Repeat this: {phrase}"), phrase);
                break;
            case 2:
                draft.SayExactly(draft.Pick($"What is the last word of \"{phrase}\"?", $"Give me the last word: {phrase}"), phrase.Split(' ')[^1]);
                break;
            case 3:
                draft.SayExactly(draft.Pick($"What is the first word of \"{phrase}\"?", $"Give me the first word: {phrase}"), phrase.Split(' ')[0]);
                break;
            default:
                draft.SayExactly(draft.Pick($"How many words are in \"{phrase}\"?", $"Count the words: {phrase}"), $"There are {NumberWords[phrase.Split(' ').Length]} words.");
                break;
        }
    }

    private static void Ask(DialogueDraft draft, int a, int b, int result, string sign)
    {
        var words = draft.Random.Chance(0.2) && sign is "plus" or "minus";
        var (left, right, answer) = words ? (NumberWords[a], NumberWords[b], NumberWords[result]) : ($"{a}", $"{b}", $"{result}");
        var sum = $"{left} {sign} {right}";
        draft.Say(draft.Pick($"What is {sum}?", $"{sum}?", $"{sum} =", $"Calculate {sum}.", $"How much is {sum}?", $"What's {sum}?"), $"{Typing.UpperFirst(sum)} is {answer}.".Replace("+ ", "plus ", StringComparison.Ordinal).Replace("- ", "minus ", StringComparison.Ordinal));
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
