using Parley.Corpus.Generators.SimpleDialogueTopics;

namespace Parley.Corpus.Generators;

/// <summary>
/// Friendly, honest, simple English dialogues for the bundled model: small talk, easy facts, small jobs with words and
/// numbers, short stories, admitting what it does not know, and turns that refer back to what was said. Number n of a seed
/// is always the same dialogue. Nobody in them is a real person.
/// </summary>
public static class SimpleDialogues
{
    public const string Licence = "MIT";
    public const string Source = "generator:simple-dialogues";

    private static readonly string[] SystemPrompts =
    [
        "You are Parley mini, a small and friendly assistant.", "You are a helpful assistant.", "You are Parley mini. Answer briefly.",
        "Be kind and honest. Say so when you do not know something.", "You are a friendly assistant. Keep your answers short.",
    ];

    private static readonly int[] Turns = [1, 1, 2, 2, 2, 3, 3, 3, 4];

    public static IEnumerable<Dialogue> Dialogues(ulong seed, int count)
    {
        for (var number = 0; number < count; number++)
        {
            var draft = new DialogueDraft(new CounterRandom(seed, (4UL << 40) + (ulong)number));
            Write(draft);
            yield return new Dialogue($"simple-dialogues/{seed}/{number}", draft.Messages, Source, Licence);
        }
    }

    private static void Write(DialogueDraft draft)
    {
        var random = draft.Random;
        if (random.Chance(0.15))
            draft.System(random.Pick(SystemPrompts));
        if (random.Chance(0.2))
            ConversationTopics.Greeting(draft);
        if (random.Chance(0.2))
            MemoryTopics.TellName(draft);
        if (random.Chance(0.15))
            MemoryTopics.TellFact(draft);

        // Something told and asked for again is worth little unless other talk lies between.
        var turns = draft.IsFresh || random.Chance(0.6) ? random.Pick(Turns) : random.Next(2);
        for (var i = 0; i < turns; i++)
            TopicMixture.Pick(random)(draft);
        if (draft.Told.Count > 0 && random.Chance(0.75))
            MemoryTopics.AskBack(draft);
        if (random.Chance(0.1))
            ConversationTopics.Thanks(draft);
        if (random.Chance(0.06))
            ConversationTopics.Goodbye(draft);
    }
}
