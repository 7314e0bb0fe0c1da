using Parley.Corpus.Generators.TinyWorlds;

namespace Parley.Corpus.Generators.SimpleDialogueTopics;

/// <summary>Short stories of four or five sentences that hang together: someone, a place, a trouble, a help, an end.</summary>
internal static class StoryTopic
{
    private static readonly string[] Creatures =
        ["fox", "mouse", "bear", "rabbit", "owl", "frog", "cat", "dog", "hedgehog", "duck", "lion", "donkey", "squirrel", "crow", "horse", "dragon"];

    private static readonly string[] Traits = ["small", "young", "brave", "shy", "curious", "clever", "lazy", "friendly", "hungry", "quiet", "old", "cheerful"];

    private static readonly string[] Places =
    [
        "in a deep forest", "by a wide river", "on a green hill", "in a small village", "near the sea", "at the edge of a field",
        "in an old tower", "under a tall oak", "behind the bakery", "in a sunny garden", "on a little island", "in a snowy valley",
    ];

    // A trouble, and what makes an end of it: only these pairs make sense together.
    private static readonly (string Trouble, string Help, string End)[] Plots =
    [
        ("One day {0} lost {1} and looked for it everywhere.", "{2} had seen it under a bush and brought it back.", "{3} said thank you and they became friends."),
        ("One morning {0} heard a strange noise and was afraid.", "{2} came along and they went to look together.", "It was only the wind in a broken door, and both had to laugh."),
        ("One evening a storm came and {0} had no place to stay.", "{2} opened the door and let {0} sit by the fire.", "In the morning the sun was shining, and {0} went home with a warm heart."),
        ("{3} wanted to cross the water but could not swim.", "{2} knew a place where the stones made a bridge.", "From that day {0} crossed it every morning to say hello."),
        ("{3} found {1} on the road and did not know whose it was.", "{2} told {0} that it belonged to the baker.", "{3} took it back at once, and the baker gave them both a warm cake."),
        ("{3} wanted to make a soup but had nothing except water.", "{2} brought a carrot, and others brought peas and salt.", "In the end there was soup for all of them, and it was the best soup ever."),
        ("{3} was sad, because nobody wanted to play.", "{2} asked if they could build a boat together.", "They worked all day, and when the boat swam they both cheered."),
        ("One night {0} could not sleep and looked at the stars.", "{2} was awake too and knew all their names.", "They counted stars until {0} fell asleep with a smile."),
        ("{3} wanted to see what was behind the mountain.", "{2} knew the way and came along.", "Behind the mountain there was another mountain, but the walk had been wonderful."),
        ("One day {0} broke {1} by accident and was ashamed.", "{2} had some glue and a lot of patience.", "Soon it was as good as new, and {0} learned that it is best to tell the truth."),
        ("{3} wanted to learn to sing, but every note was wrong.", "{2} listened kindly and sang along.", "After many days their song was so fine that even the birds were quiet."),
        ("One winter {0} had no food left.", "{2} shared a bag of nuts and asked for nothing.", "In spring {0} planted a nut, and today a tall tree stands there."),
    ];

    private static readonly string[] Things = ["a golden key", "a red ball", "a little bell", "a blue hat", "an old map", "a silver ring", "a small drum", "a wooden boat", "a green scarf", "a warm coat"];

    public static void Tell(DialogueDraft draft)
    {
        var creature = draft.Pick(Creatures);
        var child = draft.Random.Chance(0.35);
        var name = draft.Random.Pick(TinyWorldWords.Names);
        var about = child ? $"a child named {name}" : $"{Typing.Article(creature)} {creature}";
        var ask = draft.Random.Chance(0.5)
            ? draft.Pick("Tell me a story.", "Tell me a short story.", "Can you tell me a story?", "Write a short story.", "I would like to hear a story.", "A story, please!")
            : draft.Pick($"Tell me a story about {about}.", $"Write a short story about {about}.", $"Can you tell me a story about {about}?", $"Please tell a story about {about}.");
        draft.Say(ask, Story(draft, child ? null : creature, name));
    }

    private static string Story(DialogueDraft draft, string? creature, string name)
    {
        var trait = draft.Pick(Traits);
        var helper = draft.Random.Pick(Creatures.Where(other => other != creature).ToArray());
        var plot = draft.Random.Pick(Plots);
        var hero = creature is null ? name : $"the {creature}";
        object[] parts = [hero, draft.Pick(Things), $"{Typing.UpperFirst(Typing.Article(helper))} {helper}", Typing.UpperFirst(hero)];
        var kind = creature ?? "child";
        var opening = draft.Pick("Once upon a time there lived", "There once lived", "Long ago there lived", "Once there lived");
        var who = draft.Random.Chance(0.5) || creature is null ? $"{Typing.Article(trait)} {trait} {kind}{(creature is null ? $" named {name}" : "")}" : $"{Typing.Article(trait)} {trait} {creature}";
        string[] sentences = [$"{opening} {who} {draft.Pick(Places)}.", .. ((string[])[plot.Trouble, plot.Help, plot.End]).Select(sentence => string.Format(null, sentence, parts))];
        var end = draft.Random.Chance(0.3) ? draft.Pick(" The end.", " And that is the end of the story.", " They were friends ever after.") : "";
        return string.Join(' ', sentences) + end;
    }
}
