namespace Parley.Corpus.Generators.SimpleDialogueTopics;

/// <summary>Words and their relations: opposites, plurals, past forms, rhymes, other languages, and mending a sentence.</summary>
internal static class GrammarTopics
{
    private static readonly string[] Languages = ["French", "Spanish", "German", "Italian"];

    // Of a pair only the words that stand in no other pair are asked for: light, old or short have two opposites.
    private static readonly (string Word, string Opposite)[][] Opposites =
    [
        .. WordTable.Opposites.Select(row => new[] { (row[0], row[1]), (row[1], row[0]) }
            .Where(pair => WordTable.Opposites.Count(other => other.Contains(pair.Item1, StringComparer.Ordinal)) == 1).ToArray()),
    ];

    // A foreign word that stands for two English ones (bonjour) is not asked back.
    private static readonly (string Language, string Foreign, string English)[] Foreign =
    [
        .. WordTable.Translations.SelectMany(row => Languages.Select((language, i) => (language, row[i + 1], row[0])))
            .GroupBy(entry => (entry.Item1, entry.Item2)).Where(group => group.Count() == 1).Select(group => group.First()),
    ];

    public static void Opposite(DialogueDraft draft)
    {
        var (word, other) = draft.Random.Pick(draft.Random.Pick(Opposites));
        draft.Say(
            draft.Pick(
                $"What is the opposite of {word}?", $"Opposite of {word}?", $"What's the opposite of {word}?", $"Tell me the opposite of {word}.",
                $"Which word means the opposite of {word}?"),
            $"The opposite of {word} is {other}.");
    }

    public static void Plural(DialogueDraft draft)
    {
        var row = draft.Random.Pick(WordTable.Plurals);
        draft.Say(
            draft.Pick(
                $"What is the plural of {row[0]}?", $"Plural of {row[0]}?", $"What's the plural of {row[0]}?", $"Tell me the plural of {row[0]}.",
                $"One {row[0]}, two ...?"),
            $"The plural of {row[0]} is {row[1]}.");
    }

    public static void Past(DialogueDraft draft)
    {
        var row = draft.Random.Pick(WordTable.Past);
        draft.Say(
            draft.Pick(
                $"What is the past tense of {row[0]}?", $"Past tense of {row[0]}?", $"What's the past of {row[0]}?",
                $"What is the simple past of {row[0]}?", $"Put the verb {row[0]} into the past."),
            $"The past tense of {row[0]} is {row[1]}.");
    }

    public static void Rhyme(DialogueDraft draft)
    {
        var row = draft.Random.Pick(WordTable.Rhymes)[0].Split(", ");
        var words = draft.Random.Sample(row, Math.Min(row.Length, 3));
        if (draft.Random.Chance(0.4) && words.Length > 2)
            draft.Say(
                draft.Pick(
                    $"Give me two words that rhyme with {words[0]}.", $"Name two rhymes for {words[0]}.", $"Which words rhyme with {words[0]}?"),
                $"{Typing.UpperFirst(words[1])} and {words[2]} rhyme with {words[0]}.");
        else
            draft.Say(
                draft.Pick(
                    $"What rhymes with {words[0]}?", $"Which word rhymes with {words[0]}?", $"Give me a rhyme for {words[0]}.",
                    $"A rhyme for {words[0]}?"),
                $"{Typing.UpperFirst(words[1])} rhymes with {words[0]}.");
    }

    public static void Correct(DialogueDraft draft)
    {
        var row = draft.Random.Pick(WordTable.Corrections);
        draft.SayExactly(
            draft.Pick(
                $"Correct this sentence: {row[0]}", $"Correct: {row[0]}", $"What is wrong here? {row[0]}", $"Is this right? {row[0]}",
                $"Please correct my English: {row[0]}", $"Fix the mistake: {row[0]}"),
            draft.Pick($"The right sentence is: {row[1]}", $"Correct is: {row[1]}"));
    }

    public static void Translate(DialogueDraft draft)
    {
        if (draft.Random.Chance(0.3))
        {
            var (language, foreign, english) = draft.Random.Pick(Foreign);
            draft.SayLegibly(
                draft.Pick(
                    $"What does \"{foreign}\" mean in English?", $"What does the {language} word \"{foreign}\" mean?",
                    $"Translate \"{foreign}\" from {language}."),
                $"The {language} \"{foreign}\" means \"{english}\" in English.");
            return;
        }

        var row = draft.Random.Pick(WordTable.Translations);
        var order = draft.Random.Sample([0, 1, 2, 3], 2);
        draft.SayLegibly(
            draft.Pick(
                $"What is \"{row[0]}\" in {Languages[order[0]]}?", $"How do you say {row[0]} in {Languages[order[0]]}?",
                $"Translate {row[0]} into {Languages[order[0]]}.", $"What is the {Languages[order[0]]} word for {row[0]}?"),
            InLanguage(row, order[0]));
        if (draft.Random.Chance(0.3))
            draft.SayLegibly(draft.Pick($"And in {Languages[order[1]]}?", $"What about {Languages[order[1]]}?"), InLanguage(row, order[1]));
    }

    private static string InLanguage(string[] row, int language) => $"In {Languages[language]}, \"{row[0]}\" is \"{row[language + 1]}\".";
}
