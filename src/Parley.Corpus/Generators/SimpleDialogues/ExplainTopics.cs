namespace Parley.Corpus.Generators.SimpleDialogueTopics;

/// <summary>How an everyday thing works, and turns that go on from an answer: why, tell me more, say it shorter.</summary>
internal static class ExplainTopics
{
    public static void HowItWorks(DialogueDraft draft)
    {
        var row = draft.Random.Pick(WordTable.Explanations);
        var brief = draft.Random.Chance(0.2);
        draft.Say(
            brief
                ? draft.Pick(
                    $"How does {row[0]} work, in one sentence?", $"Explain briefly how {row[0]} works.", $"In short: how does {row[0]} work?")
                : draft.Pick(
                    $"How does {row[0]} work?", $"Can you explain how {row[0]} works?", $"Explain how {row[0]} works.",
                    $"Tell me how {row[0]} works."),
            brief ? row[2] : row[1]);
        if (!brief && draft.Random.Chance(0.35))
            draft.Say(
                draft.Pick("Can you say it shorter?", "Shorter, please.", "In one sentence?", "Can you make it shorter?", "Say that more simply."),
                row[2]);
        else if (brief && draft.Random.Chance(0.35))
            draft.Say(draft.Pick("Tell me more.", "Can you explain it more?", "A little longer, please.", "How exactly?"), row[1]);
    }

    public static void FollowUp(DialogueDraft draft)
    {
        var row = draft.Random.Pick(WordTable.FollowUps);
        draft.Say(row[0], row[1]);
        draft.Say(row[2], row[3]);
    }
}
