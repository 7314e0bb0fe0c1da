namespace Parley.Corpus.Generators.SimpleDialogueTopics;

/// <summary>Short stories of five to nine sentences that hang together: someone, a place, a trouble, a try, a help, an end.</summary>
internal static class StoryTopic
{
    private static readonly string[] Endings =
    [
        "From that day on they were the best of friends.", "{Hero} never forgot what had happened that day.", "That night {he} slept very well.",
        "And if you pass by one day, you may hear them laugh.", "So {hero} learned that a friend is worth more than gold.", "The end.",
        "And everyone who heard of it was glad.",
    ];

    public static void Tell(DialogueDraft draft)
    {
        var cast = StoryCast.Draw(draft);
        var plot = draft.Random.Pick(WordTable.Plots);
        var bedtime = draft.Random.Chance(0.06);
        draft.Say(
            bedtime ? draft.Pick("Tell me a bedtime story.", "A bedtime story, please.") : Ask(draft, cast, plot),
            Story(draft, cast, plot, bedtime));
        if (draft.Random.Chance(0.2))
            AskBack(draft, cast);
    }

    private static string Ask(DialogueDraft draft, StoryCast cast, string[] plot)
    {
        if (draft.Random.Chance(0.4))
            return draft.Pick(
                "Tell me a story.", "Tell me a short story.", "Can you tell me a story?", "Write a short story.", "I would like to hear a story.",
                "A story, please!", "Do you know a story?");
        var kind = $"{Typing.Article(Kind(cast))} {Kind(cast)}";
        var about = cast.Name is null ? kind : $"{kind} {draft.Pick("called", "named")} {cast.Name}";
        if (plot.Any(part => part.Contains("{thing}", StringComparison.Ordinal)) && draft.Random.Chance(0.5))
            about += $" and {cast.Thing}";
        else if (draft.Random.Chance(0.2))
            about += $" {cast.Place.Where}";
        return draft.Pick(
            $"Tell me a story about {about}.", $"Write a short story about {about}.", $"Can you tell me a story about {about}?",
            $"Please tell a story about {about}.");
    }

    private static string Story(DialogueDraft draft, StoryCast cast, string[] plot, bool bedtime)
    {
        var named = cast.Name is null ? "" : $" {draft.Pick("called", "named")} {cast.Name}";
        var opening = draft.Pick("Once upon a time there was", "There once was", "Long ago there was", "Once there was");
        List<string> sentences = [$"{opening} {Typing.Article(cast.Trait.Word)} {cast.Trait.Word} {Kind(cast)}{named} who lived {cast.Place.Where}."];
        if (draft.Random.Chance(0.3))
            sentences.Add(cast.Place.Sentence);
        else if (draft.Random.Chance(0.5))
            sentences.Add(cast.Fill(cast.Trait.Sentence));
        sentences.AddRange(plot.Select(cast.Fill));
        if (bedtime)
            sentences.Add("And now sleep well. Good night!");
        else if (draft.Random.Chance(0.4))
            sentences.Add(cast.Fill(draft.Pick(Endings)));
        return string.Join(' ', sentences);
    }

    private static string Kind(StoryCast cast) => cast.Kind != "child" ? cast.Kind : cast.IsFemale ? "girl" : "boy";

    /// <summary>A question about the story just told.</summary>
    private static void AskBack(DialogueDraft draft, StoryCast cast)
    {
        var (asks, answer) = draft.Random.Pick<(string[], string)>(
        [
            ([$"Where did {cast.Hero} live?"], $"{Typing.UpperFirst(cast.Hero)} lived {cast.Place.Where}."),
            ([$"Whom did {cast.Hero} meet?", $"Who came to {cast.Hero} in the story?"], cast.Fill("{Hero} met {ahelper}.")),
            ([$"What was {cast.Hero} like?"], $"{Typing.UpperFirst(cast.Hero)} was {cast.Trait.Word}."),
        ]);
        draft.SayLegibly(draft.Pick(asks), answer);
    }
}
