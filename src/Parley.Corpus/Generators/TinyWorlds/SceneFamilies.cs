namespace Parley.Corpus.Generators.TinyWorlds;

/// <summary>
/// The kinds of scenes. Each is drawn from one split alone: facts told together are held out when the hash of them, in
/// any order, says so, and a bare question by its own words. So no training text has the scene that a held-out question is about.
/// Single facts are not held out: a model that never sees Ben with a bell learns just that, and is then asked the contrary. All are things that a model of two million
/// parameters picks up in minutes: looking up, matching, counting on by one, word pairs.
/// </summary>
internal static class SceneFamilies
{
    private const double HeldOutShare = 0.12;

    /// <summary>Every kind as often as any other: what questions are drawn from.</summary>
    public static readonly IReadOnlyList<Func<CounterRandom, TinyWorldSplit, Scene>> Questions = [Things, Doing, Echo, Number, Opposite];

    /// <summary>What is learned from: looking up takes the most lessons.</summary>
    public static readonly IReadOnlyList<Func<CounterRandom, TinyWorldSplit, Scene>> Lessons = [Things, Things, Doing, Doing, Echo, Number, Opposite];

    public static TinyWorldSplit SplitOf(string fact) =>
        StableHash.Share("tiny-world/" + fact) < HeldOutShare ? TinyWorldSplit.HeldOut : TinyWorldSplit.Training;

    /// <summary>"Look: a red kite, a blue drum and a white cup." What is asked stands right before what is answered.</summary>
    public static Scene Things(CounterRandom random, TinyWorldSplit split)
    {
        var count = split == TinyWorldSplit.Training ? random.Between(2, 4) : 3;
        string[] colours, things, told;
        do
        {
            (colours, things) = (random.Sample(TinyWorldWords.Colours, count), random.Sample(TinyWorldWords.Objects, count));
            told = [.. colours.Zip(things, (colour, thing) => $"a {colour} {thing}")];
        }
        while (SplitOf("things " + string.Join(' ', told.Order(StringComparer.Ordinal))) != split);
        return new Scene("things", [$"Look: {And(told)}."],
            [.. colours.Zip(things, (colour, thing) => (random.Pick<string>([$"Which thing is {colour}?", $"What is {colour}?"]), $"The {colour} {thing}."))]);
    }

    /// <summary>"Now Anna sings, Ben sleeps and Kate reads."</summary>
    public static Scene Doing(CounterRandom random, TinyWorldSplit split)
    {
        var count = split == TinyWorldSplit.Training ? random.Between(2, 4) : 3;
        string[] names, activities, told;
        do
        {
            (names, activities) = (random.Sample(TinyWorldWords.Names, count), random.Sample(TinyWorldWords.Activities, count));
            told = [.. names.Zip(activities, (name, activity) => $"{name} {activity}")];
        }
        while (SplitOf("doing " + string.Join(' ', told.Order(StringComparer.Ordinal))) != split);
        return new Scene("doing", [$"Now {And(told)}."],
            [.. names.Zip(activities, (name, activity) => (random.Pick<string>([$"What does {name} do?", $"Tell me what {name} does."]), $"Now {name} {activity}."))]);
    }

    /// <summary>The split of facts told together, whatever their order. A single fact is always told in training.</summary>
    public static TinyWorldSplit SplitOf(IReadOnlyCollection<string> facts) =>
        facts.Count == 1 ? TinyWorldSplit.Training : SplitOf(string.Join(' ', facts.Order(StringComparer.Ordinal)));

    /// <summary>
    /// "Anna has a red kite. Ben has a blue drum." For larger models: the word before the answer is the same in every fact, so the
    /// owner, further back, must be matched too.
    /// </summary>
    public static Scene Has(CounterRandom random, TinyWorldSplit split)
    {
        var count = FactCount(random, split);
        string[] names, things, colours, facts;
        do
        {
            (names, things) = (random.Sample(TinyWorldWords.Names, count), random.Sample(TinyWorldWords.Objects, count));
            colours = random.Sample(TinyWorldWords.Colours, count);
            facts = [.. names.Select((name, i) => $"{name} has a {colours[i]} {things[i]}.")];
        }
        while (SplitOf(facts) != split);

        var questions = new List<(string, string)>();
        for (var i = 0; i < count; i++)
        {
            var (name, colour, thing) = (names[i], colours[i], things[i]);
            questions.Add((random.Pick<string>([$"What does {name} have?", $"Tell me what {name} has."]), $"{name} has a {colour} {thing}."));
            questions.Add(($"Who has the {thing}?", $"{name} has the {thing}."));
            questions.Add(($"What colour is the {thing}?", $"The {thing} is {colour}."));

            // Yes and no come last: first looked up, then compared, one step after the other.
            var other = things[(i + 1) % count];
            questions.Add(count == 1 || random.Chance(0.5)
                ? ($"Does {name} have a {thing}?", $"{name} has a {thing}, so yes.")
                : ($"Does {name} have a {other}?", $"{name} has a {thing}, so no."));
        }

        return new Scene("has", facts, questions);
    }

    /// <summary>"Anna is in the garden. Ben is in the kitchen."</summary>
    public static Scene Place(CounterRandom random, TinyWorldSplit split)
    {
        var count = FactCount(random, split);
        string[] names, places, facts;
        do
        {
            (names, places) = (random.Sample(TinyWorldWords.Names, count), random.Sample(TinyWorldWords.Places, count));
            facts = [.. names.Select((name, i) => $"{name} is in the {places[i]}.")];
        }
        while (SplitOf(facts) != split);

        var questions = new List<(string, string)>();
        for (var i = 0; i < count; i++)
        {
            var (name, place) = (names[i], places[i]);
            questions.Add((random.Pick<string>([$"Where is {name}?", $"Tell me where {name} is."]), $"{name} is in the {place}."));
            questions.Add(($"Who is in the {place}?", $"{name} is in the {place}."));
            questions.Add(count == 1 || random.Chance(0.5)
                ? ($"Is {name} in the {place}?", $"{name} is in the {place}, so yes.")
                : ($"Is {name} in the {places[(i + 1) % count]}?", $"{name} is in the {place}, so no."));
        }

        return new Scene("place", facts, questions);
    }

    /// <summary>"The list is kite, drum, ball."</summary>
    public static Scene List(CounterRandom random, TinyWorldSplit split)
    {
        string[] items;
        do
            items = random.Sample(TinyWorldWords.Objects, 3);
        while (SplitOf("list " + string.Join(' ', items)) != split);
        string[] places = ["first", "second", "last"];
        return new Scene("list", [$"The list is {string.Join(", ", items)}."],
            [.. places.Select((place, i) => (random.Pick<string>([$"What is the {place} word?", $"Tell me the {place} word."]), $"The {place} word is {items[i]}."))]);
    }

    /// <summary>
    /// "Say kite garden red." Copying is what looking up is made of, and nothing teaches it faster than a sequence told twice:
    /// every word of the second telling is a lesson.
    /// </summary>
    public static Scene Echo(CounterRandom random, TinyWorldSplit split)
    {
        while (true)
        {
            var words = string.Join(' ', random.Sample(TinyWorldWords.Sayable, random.Between(2, 4)));
            if (SplitOf("echo " + words) == split)
                return new Scene("echo", [], [($"Say {words}.", $"I say {words}.")]);
        }
    }

    /// <summary>"What number comes after 47?"</summary>
    public static Scene Number(CounterRandom random, TinyWorldSplit split)
    {
        while (true)
        {
            var number = random.Between(1, 98);
            var ask = random.Pick<string>(
                [$"What number comes after {number}?", $"Which number follows {number}?", $"Count on from {number}.", $"What comes next after {number}?"]);
            if (SplitOf(ask) == split)
                return new Scene("number", [], [(ask, $"After {number} comes {number + 1}.")]);
        }
    }

    /// <summary>"What is the opposite of hot?"</summary>
    public static Scene Opposite(CounterRandom random, TinyWorldSplit split)
    {
        while (true)
        {
            var (word, other) = random.Pick(TinyWorldWords.Opposites);
            if (random.Chance(0.5))
                (word, other) = (other, word);
            var ask = random.Pick<string>(
                [$"What is the opposite of {word}?", $"Tell me the opposite of {word}.", $"Which word is the opposite of {word}?", $"Name the opposite of {word}."]);
            if (SplitOf(ask) == split)
                return new Scene("opposite", [], [(ask, $"The opposite of {word} is {other}.")]);
        }
    }

    private static string And(string[] parts) => $"{string.Join(", ", parts[..^1])} and {parts[^1]}";

    // One fact alone teaches copying, which looking up among several is built on; it is too easy to be asked in a test.
    private static int FactCount(CounterRandom random, TinyWorldSplit split) =>
        split == TinyWorldSplit.Training && random.Chance(0.25) ? 1 : 2;
}
