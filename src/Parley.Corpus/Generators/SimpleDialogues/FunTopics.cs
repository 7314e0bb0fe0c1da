namespace Parley.Corpus.Generators.SimpleDialogueTopics;

/// <summary>Riddles, jokes, poems, something interesting, and talk in passing.</summary>
internal static class FunTopics
{
    // Such an answer needs its question.
    private static readonly string[] Dependent =
        ["It ", "They ", "Only ", "Yes", "No", "If ", "You ", "When ", "With ", "At ", "Our ", "The mirror", "The smell"];

    private static readonly string[][] Tellable =
    [
        .. WordTable.Facts.Where(row => row[1].Length is > 30 and < 90)
            .Where(row => row[0].StartsWith("Wh", StringComparison.Ordinal) || row[0].StartsWith("How many", StringComparison.Ordinal))
            .Where(row => !Array.Exists(Dependent, start => row[1].StartsWith(start, StringComparison.Ordinal))),
    ];

    public static void Joke(DialogueDraft draft)
    {
        var jokes = draft.Random.Sample(WordTable.Jokes, 2);
        draft.Say(
            draft.Pick(
                "Tell me a joke.", "Do you know a joke?", "Make me laugh.", "Can you tell me a joke?", "Say something funny.", "A joke, please!"),
            $"{jokes[0][0]} {jokes[0][1]}");
        if (draft.Random.Chance(0.35))
            draft.Say(draft.Pick("Another one!", "One more, please.", "Tell me another joke.", "Another joke?"), $"{jokes[1][0]} {jokes[1][1]}");
    }

    public static void Riddle(DialogueDraft draft)
    {
        var row = draft.Random.Pick(WordTable.Riddles);
        if (draft.Random.Chance(0.3))
        {
            draft.Say(draft.Pick($"Can you solve this riddle? {row[0]}", $"A riddle for you: {row[0]}", row[0]), $"It is {row[1]}.");
            return;
        }

        draft.Say(draft.Pick("Tell me a riddle.", "Do you know a riddle?", "Ask me a riddle.", "Give me a riddle.", "A riddle, please!"), row[0]);
        if (draft.Random.Chance(0.4))
            draft.Say(
                draft.Pick($"Is it {row[1]}?", $"{Typing.UpperFirst(row[1])}?", $"It is {row[1]}."),
                draft.Pick($"Yes, it is {row[1]}! Well done.", $"That is right, it is {row[1]}."));
        else if (draft.Random.Chance(0.35))
            draft.Say($"Is it {Wrong(draft, row)}?", $"No, but that was a good guess. It is {row[1]}.");
        else
            draft.Say(
                draft.Pick("I do not know. What is it?", "I give up.", "What is the answer?", "Tell me the answer.", "No idea."),
                $"It is {row[1]}.");
    }

    public static void Poem(DialogueDraft draft)
    {
        var row = draft.Random.Pick(WordTable.Poems);
        draft.Say(
            draft.Random.Chance(0.2)
                ? draft.Pick("Write a poem.", "Tell me a poem.", "Can you write a short poem?", "A poem, please.")
                : draft.Pick($"Write a poem about {row[0]}.", $"Write a short poem about {row[0]}.", $"Can you write a poem about {row[0]}?",
                    $"A poem about {row[0]}, please."),
            row[1].Replace(" / ", "\n", StringComparison.Ordinal));
    }

    /// <summary>Something from the plain facts that may be told unasked.</summary>
    public static void Interesting(DialogueDraft draft)
    {
        var facts = draft.Random.Sample(Tellable, 2);
        draft.Say(
            draft.Pick(
                "Tell me something interesting.", "Tell me a fact.", "Do you know a fun fact?", "Teach me something.",
                "What do you know about the world?", "I want to learn something new."),
            facts[0][1]);
        if (draft.Random.Chance(0.3))
            draft.Say(draft.Pick("Another one, please.", "Tell me another fact.", "And one more?", "More!"), facts[1][1]);
    }

    public static void SmallTalk(DialogueDraft draft)
    {
        var row = draft.Random.Pick(WordTable.SmallTalk);
        draft.Say(draft.Pick(row[0].Split(';')), draft.Pick(row[1].Split(';')));
    }

    private static string Wrong(DialogueDraft draft, string[] row)
    {
        while (true)
        {
            var other = draft.Random.Pick(WordTable.Riddles);
            if (other[1] != row[1])
                return other[1];
        }
    }
}
