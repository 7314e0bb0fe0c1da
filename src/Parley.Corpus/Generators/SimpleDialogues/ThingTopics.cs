namespace Parley.Corpus.Generators.SimpleDialogueTopics;

/// <summary>Everyday things: their colour, what they are for, where they are found, which is larger, what kind of thing they are.</summary>
internal static class ThingTopics
{
    private static readonly string[] Animals = ["an animal", "a bird", "a fish", "an insect"];

    private static readonly (string Thing, string Place)[] Found =
        [.. WordTable.Places.SelectMany(row => row[1].Split(", ").Select(thing => (thing, row[0])))];

    private static readonly (string Item, string Kind)[] Members =
        [.. WordTable.Categories.SelectMany(row => row[1].Split(", ").Select(item => (item, row[0])))];

    private static readonly HashSet<string> OnlyUses =
        [.. WordTable.Uses.GroupBy(row => row[1]).Where(group => group.Count() == 1).Select(group => group.Key)];

    public static void Colour(DialogueDraft draft)
    {
        var row = draft.Random.Pick(WordTable.Colours);
        var answer = $"{Typing.UpperFirst(row[0])} is {row[1]}.";
        draft.Say(
            draft.Pick(
                $"What colour is {row[0]}?", $"Which colour is {row[0]}?", $"What's the colour of {row[0]}?", $"Tell me the colour of {row[0]}."),
            answer);
    }

    public static void Use(DialogueDraft draft)
    {
        var row = draft.Random.Pick(WordTable.Uses);
        if (OnlyUses.Contains(row[1]) && draft.Random.Chance(0.35))
            draft.Say(
                draft.Pick($"What do you use for {row[1]}?", $"What do people use for {row[1]}?", $"What do I need for {row[1]}?"),
                $"You use {row[0]} for {row[1]}.");
        else
            draft.Say(
                draft.Pick($"What is {row[0]} used for?", $"What is {row[0]} for?", $"What do you do with {row[0]}?", $"Why do people use {row[0]}?"),
                $"{Typing.UpperFirst(row[0])} is used for {row[1]}.");
    }

    public static void Place(DialogueDraft draft)
    {
        if (draft.Random.Chance(0.3))
        {
            var row = draft.Random.Pick(WordTable.Places);
            var things = draft.Random.Sample(row[1].Split(", "), 2);
            draft.Say(
                draft.Pick($"What do you find {row[0]}?", $"What can you see {row[0]}?", $"What is {row[0]}?", $"Name two things {row[0]}."),
                $"{Typing.UpperFirst(row[0])} you find {things[0]} and {things[1]}.");
            return;
        }

        var (thing, place) = draft.Random.Pick(Found);
        draft.Say(
            draft.Pick($"Where do you find {thing}?", $"Where can I find {thing}?", $"Where would you look for {thing}?"),
            $"You find {thing} {place}.");
    }

    public static void Ladder(DialogueDraft draft)
    {
        var row = draft.Random.Pick(WordTable.Ladders);
        var rungs = row[1].Split(", ");
        var low = draft.Random.Next(rungs.Length - 1);
        var (less, more) = (rungs[low], rungs[draft.Random.Between(low + 1, rungs.Length - 1)]);
        var (first, second) = draft.Random.Chance(0.5) ? (less, more) : (more, less);
        if (draft.Random.Chance(0.3))
            draft.Say($"Is {first} {row[0]} than {second}?", $"{(first == more ? "Yes" : "No")}, {more} is {row[0]} than {less}.");
        else
            draft.Say(
                draft.Pick(
                    $"Which is {row[0]}, {first} or {second}?", $"What is {row[0]}, {first} or {second}?",
                    $"Which one is {row[0]}: {first} or {second}?"),
                $"{Typing.UpperFirst(more)} is {row[0]} than {less}.");
    }

    /// <summary>"Is a carrot a fruit?": yes or no, and what it is.</summary>
    public static void Kind(DialogueDraft draft)
    {
        var (item, kind) = draft.Random.Pick(Members);
        switch (draft.Random.Next(3))
        {
            case 0:
                draft.Say(draft.Pick($"Is {item} {kind}?", $"Would you say that {item} is {kind}?"), $"Yes, {item} is {kind}.");
                break;
            case 1:
                var other = draft.Random.Pick(WordTable.Categories.Select(row => row[0]).Where(other => AreApart(kind, other)).ToArray());
                draft.Say(draft.Pick($"Is {item} {other}?", $"Is {item} {other} or not?"), $"No, {item} is {kind}.");
                break;
            default:
                var choice = draft.Random.Pick(WordTable.Categories.Select(row => row[0]).Where(other => AreApart(kind, other)).ToArray());
                var (left, right) = draft.Random.Chance(0.5) ? (kind, choice) : (choice, kind);
                draft.Say($"Is {item} {left} or {right}?", $"{Typing.UpperFirst(item)} is {kind}.");
                break;
        }
    }

    /// <summary>True when nothing of the one kind is of the other: a bird is an animal too, and gold is a colour too.</summary>
    internal static bool AreApart(string kind, string other) =>
        kind != other
        && !(Animals.Contains(kind) && other == "an animal") && !(Animals.Contains(other) && kind == "an animal")
        && !(kind == "a metal" && other == "a colour");
}
