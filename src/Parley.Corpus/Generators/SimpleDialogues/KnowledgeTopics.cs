namespace Parley.Corpus.Generators.SimpleDialogueTopics;

/// <summary>Simple things the model may know: capitals, animals, words, the calendar, plain facts and advice.</summary>
internal static class KnowledgeTopics
{
    private static readonly string[] Days = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"];

    private static readonly string[] Months =
        ["January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December"];

    // Words that take no "a": stuff, seasons, meals, feelings.
    private static readonly HashSet<string> Uncountable =
    [
        "autumn", "bark", "bread", "breakfast", "butter", "cheese", "cotton", "courage", "dinner", "evening", "fire", "flour", "fog", "garlic", "gold", "grass", "hay",
        "honey", "hope", "ice", "jam", "lightning", "lunch", "medicine", "milk", "money", "morning", "music", "night", "paint", "paper", "patience", "pepper", "rain",
        "salt", "sand", "snow", "soap", "soup", "spring", "sugar", "summer", "tea", "thunder", "truth", "water", "weather", "wind", "winter", "wisdom", "wood", "wool",
    ];

    public static void Capital(DialogueDraft draft)
    {
        var row = draft.Random.Pick(WordTable.Capitals);
        var (country, city) = (row[0], row[1]);
        if (draft.Random.Chance(0.2))
            draft.Say(draft.Pick($"{city} is the capital of which country?", $"Which country has the capital {city}?"), $"{city} is the capital of {country}.");
        else
            draft.Say(draft.Pick($"What is the capital of {country}?", $"What's the capital of {country}?", $"Capital of {country}?", $"Tell me the capital of {country}.", $"Which city is the capital of {country}?"), $"The capital of {country} is {city}.");
    }

    public static void Animal(DialogueDraft draft)
    {
        var row = draft.Random.Pick(WordTable.Animals);
        var animal = row[0];
        var a = Typing.Article(animal);
        switch (draft.Random.Next(3))
        {
            case 0:
                draft.Say(draft.Pick($"What sound does {a} {animal} make?", $"What does {a} {animal} say?", $"Which sound does {a} {animal} make?"), $"{Typing.UpperFirst(a)} {animal} says \"{row[1]}\".");
                break;
            case 1:
                draft.Say(draft.Pick($"What is a young {animal} called?", $"What do you call a young {animal}?", $"What is the young of {a} {animal} called?"), $"A young {animal} is called {Typing.Article(row[2])} {row[2]}.");
                break;
            default:
                draft.Say(draft.Pick($"How many legs does {a} {animal} have?", $"How many legs has {a} {animal}?"), $"{Typing.UpperFirst(a)} {animal} has {row[3]}.");
                break;
        }
    }

    public static void Opposite(DialogueDraft draft)
    {
        var row = draft.Random.Pick(WordTable.Opposites);
        var (word, other) = draft.Random.Chance(0.5) ? (row[0], row[1]) : (row[1], row[0]);

        // Words with two opposites (old, light, lose, short, quiet) are asked only where the pair's own one is meant.
        if (WordTable.Opposites.Count(pair => pair.Contains(word, StringComparer.Ordinal)) > 1)
            (word, other) = ("hot", "cold");
        draft.Say(
            draft.Pick($"What is the opposite of {word}?", $"Opposite of {word}?", $"What's the opposite of {word}?", $"Tell me the opposite of {word}.", $"Which word means the opposite of {word}?"),
            $"The opposite of {word} is {other}.");
    }

    public static void Plural(DialogueDraft draft)
    {
        var row = draft.Random.Pick(WordTable.Plurals);
        draft.Say(
            draft.Pick($"What is the plural of {row[0]}?", $"Plural of {row[0]}?", $"What's the plural of {row[0]}?", $"Tell me the plural of {row[0]}."),
            $"The plural of {row[0]} is {row[1]}.");
    }

    public static void Definition(DialogueDraft draft)
    {
        var row = draft.Random.Pick(WordTable.Definitions);
        var (word, meaning) = (row[0], row[1]);
        var uncountable = Uncountable.Contains(word);
        var named = uncountable ? word : $"{Typing.Article(word)} {word}";
        named = word is "sun" or "moon" or "earth" or "sky" or "alphabet" or "police" ? $"the {word}" : named;
        draft.Say(
            draft.Pick($"What is {named}?", $"What does the word {word} mean?", $"What does {word} mean?", $"Define {word}.", $"Explain the word {word}.", $"Can you explain what {named} is?", $"What's {named}?"),
            word == "police" ? "The police are the people who make sure that the law is kept." : $"{Typing.UpperFirst(named)} is {meaning}.");
    }

    public static void Calendar(DialogueDraft draft)
    {
        var (names, unit) = draft.Random.Chance(0.5) ? (Days, "day") : (Months, "month");
        var at = draft.Random.Next(names.Length);
        var (name, next, previous) = (names[at], names[(at + 1) % names.Length], names[(at + names.Length - 1) % names.Length]);
        switch (draft.Random.Next(3))
        {
            case 0:
                draft.Say(draft.Pick($"What {unit} comes after {name}?", $"Which {unit} comes after {name}?", $"Which {unit} follows {name}?"), $"{next} comes after {name}.");
                break;
            case 1:
                draft.Say(draft.Pick($"What {unit} comes before {name}?", $"Which {unit} comes before {name}?", $"Which {unit} is before {name}?"), $"{previous} comes before {name}.");
                break;
            default:
                draft.Say(draft.Pick($"What are the {unit}s of the {(unit == "day" ? "week" : "year")}?", $"Name all {unit}s of the {(unit == "day" ? "week" : "year")}."), $"The {unit}s of the {(unit == "day" ? "week" : "year")} are {string.Join(", ", names[..^1])} and {names[^1]}.");
                break;
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
        draft.Say(ask, draft.Pick("I am sorry, I cannot help with that.", "No, I will not help with that. Is there something else I can do?", "I cannot help with that, as it could hurt someone."));
    }

    private static string Rephrase(DialogueDraft draft, string question) => draft.Pick(
        question, question, question, $"I have a question. {question}", $"Do you know this? {question}", $"Please answer: {question}", $"{question} Please tell me.");
}
