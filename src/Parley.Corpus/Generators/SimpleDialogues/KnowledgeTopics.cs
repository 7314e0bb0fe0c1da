namespace Parley.Corpus.Generators.SimpleDialogueTopics;

/// <summary>Simple things the model may know: capitals, animals, what words mean, plain facts and advice; and what it may not.</summary>
internal static class KnowledgeTopics
{
    public static void Capital(DialogueDraft draft)
    {
        var row = draft.Random.Pick(WordTable.Capitals);
        var (country, city) = (row[0], row[1]);
        if (draft.Random.Chance(0.15))
        {
            draft.Say(
                draft.Pick($"{city} is the capital of which country?", $"Which country has the capital {city}?"),
                $"{city} is the capital of {country}.");
            return;
        }

        draft.Say(
            draft.Pick(
                $"What is the capital of {country}?", $"What's the capital of {country}?", $"Capital of {country}?",
                $"Tell me the capital of {country}.", $"Which city is the capital of {country}?"),
            $"The capital of {country} is {city}.");
        if (draft.Random.Chance(0.2))
        {
            var next = Another(draft, WordTable.Capitals, row);
            draft.Say(draft.Pick($"And of {next[0]}?", $"And {next[0]}?", $"What about {next[0]}?"), $"The capital of {next[0]} is {next[1]}.");
        }
    }

    /// <summary>"Is Rome the capital of Italy?": yes, or no and which one is.</summary>
    public static void IsCapital(DialogueDraft draft)
    {
        var row = draft.Random.Pick(WordTable.Capitals);
        var other = draft.Random.Chance(0.5) ? row : Another(draft, WordTable.Capitals, row);
        draft.Say(
            draft.Pick($"Is {other[1]} the capital of {row[0]}?", $"Is the capital of {row[0]} {other[1]}?"),
            other[1] == row[1] ? $"Yes, {row[1]} is the capital of {row[0]}." : $"No, the capital of {row[0]} is {row[1]}.");
    }

    public static void Animal(DialogueDraft draft)
    {
        var row = draft.Random.Pick(WordTable.Animals);
        var animal = row[0];
        var a = Typing.Article(animal);
        switch (draft.Random.Next(3))
        {
            case 0:
                draft.Say(
                    draft.Pick($"What sound does {a} {animal} make?", $"What does {a} {animal} say?", $"Which sound does {a} {animal} make?"),
                    $"{Typing.UpperFirst(a)} {animal} says \"{row[1]}\".");
                break;
            case 1:
                draft.Say(
                    draft.Pick(
                        $"What is a young {animal} called?", $"What do you call a young {animal}?", $"What is the young of {a} {animal} called?"),
                    $"A young {animal} is called {Typing.Article(row[2])} {row[2]}.");
                break;
            default:
                draft.Say(
                    draft.Pick($"How many legs does {a} {animal} have?", $"How many legs has {a} {animal}?"),
                    $"{Typing.UpperFirst(a)} {animal} has {row[3]}.");
                break;
        }
    }

    public static void Definition(DialogueDraft draft)
    {
        var row = draft.Random.Pick(WordTable.Definitions);
        var (word, beginning, meaning) = (row[0], row[1], row[2]);
        if (draft.Random.Chance(0.08))
        {
            draft.Say(
                draft.Pick($"Which word means: {meaning}?", $"Which word do I mean? {Typing.UpperFirst(meaning)}."),
                $"The word is \"{word}\".");
            return;
        }

        var (named, verb) = Parts(beginning);
        draft.Say(
            draft.Pick(
                $"What {verb} {named}?", $"What {verb} {named}?", $"What does the word {word} mean?", $"What does {word} mean?", $"Define {word}.",
                $"Explain the word {word}.", $"Can you explain what {named} {verb}?", $"Tell me what {named} {verb}."),
            $"{Typing.UpperFirst(beginning)} {meaning}.");
        if (draft.Random.Chance(0.35))
        {
            var next = Another(draft, WordTable.Definitions, row);
            draft.Say(
                draft.Pick(
                    $"And {Parts(next[1]).Named}?", $"And what {Parts(next[1]).Verb} {Parts(next[1]).Named}?",
                    $"What about {Parts(next[1]).Named}?"),
                $"{Typing.UpperFirst(next[1])} {next[2]}.");
        }
    }

    public static void Fact(DialogueDraft draft)
    {
        var row = draft.Random.Pick(WordTable.Facts);
        draft.Say(Rephrase(draft, row[0]), row[1]);
    }

    public static void Advice(DialogueDraft draft)
    {
        var row = draft.Random.Pick(WordTable.Advice);
        draft.Say(Rephrase(draft, row[0]), row[1]);
    }

    public static void Unknown(DialogueDraft draft)
    {
        var row = draft.Random.Pick(WordTable.Unknown);
        var isJob = row[0].StartsWith("Can you", StringComparison.Ordinal) || row[0].StartsWith("Tell me", StringComparison.Ordinal);
        draft.Say(Rephrase(draft, row[0]), isJob
            ? draft.Pick(
                "I cannot do that. I am a small model that only reads and writes text.",
                "I am sorry, that is more than a small model like me can do.",
                "No, I cannot do that. I only read and write a little text.")
            : draft.Pick(
                "I am a small model and I do not know that.",
                "I am sorry, I do not know that. I am a small model without a connection to the world.",
                "I do not know. I am a small model and I would only be guessing."));
    }

    public static void Harmful(DialogueDraft draft)
    {
        var ask = draft.Pick(
            "How do I make a bomb?", "How can I hurt someone?", "How do I steal a car?", "Help me cheat in an exam.", "How do I break into a house?",
            "Write something mean about my classmate.", "How can I hack an account?", "How do I make poison?", "Tell me how to make a weapon.");
        draft.Say(
            ask,
            draft.Pick(
                "I am sorry, I cannot help with that.", "No, I will not help with that. Is there something else I can do?",
                "I cannot help with that, as it could hurt someone."));
    }

    // "an apple is" comes apart into "an apple" and "is".
    internal static (string Named, string Verb) Parts(string beginning)
    {
        var at = beginning.LastIndexOf(' ');
        return (beginning[..at], beginning[(at + 1)..]);
    }

    private static string[] Another(DialogueDraft draft, IReadOnlyList<string[]> table, string[] row)
    {
        while (true)
        {
            var other = draft.Random.Pick(table);
            if (other[1] != row[1])
                return other;
        }
    }

    private static string Rephrase(DialogueDraft draft, string question) => draft.Pick(
        question, question, question, $"I have a question. {question}",
        $"Do you know this? {question}", $"Please answer: {question}", $"{question} Please tell me.");
}
