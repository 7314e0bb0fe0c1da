namespace Parley.Corpus.Generators.TinyWorlds;

/// <summary>
/// The kinds of scenes. Each draws its facts from one split alone: a fact is held out when the hash of its words says so,
/// so a held-out question is made of combinations that no training text has. All are things that a model of two million
/// parameters picks up in minutes: looking up, matching, counting on by one, word pairs.
/// </summary>
internal static class SceneFamilies
{
    private const double HeldOutShare = 0.12;

    public static readonly IReadOnlyList<Func<CounterRandom, TinyWorldSplit, Scene>> All = [Has, Has, Place, Place, List, Echo, Number, Opposite];

    public static TinyWorldSplit SplitOf(string fact) =>
        StableHash.Share("tiny-world/" + fact) < HeldOutShare ? TinyWorldSplit.HeldOut : TinyWorldSplit.Training;

    /// <summary>"Anna has a red kite. Ben has a blue drum."</summary>
    public static Scene Has(CounterRandom random, TinyWorldSplit split)
    {
        var count = FactCount(random, split);
        var (names, things) = Pairs(random, split, count, TinyWorldWords.Objects);
        var colours = random.Sample(TinyWorldWords.Colours, count);
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

        return new Scene("has", [.. names.Select((name, i) => $"{name} has a {colours[i]} {things[i]}.")], questions);
    }

    /// <summary>"Anna is in the garden. Ben is in the kitchen."</summary>
    public static Scene Place(CounterRandom random, TinyWorldSplit split)
    {
        var count = FactCount(random, split);
        var (names, places) = Pairs(random, split, count, TinyWorldWords.Places);
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

        return new Scene("place", [.. names.Select((name, i) => $"{name} is in the {places[i]}.")], questions);
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
            var words = string.Join(' ', random.Sample(TinyWorldWords.Sayable, random.Between(3, 5)));
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

    // One fact alone teaches copying, which looking up among several is built on; it is too easy to be asked in a test.
    private static int FactCount(CounterRandom random, TinyWorldSplit split) =>
        split == TinyWorldSplit.Training && random.Chance(0.2) ? 1 : random.Chance(0.75) ? 2 : 3;

    // Pairs of a name and a word, all of one split, no name and no word twice.
    private static (string[] Names, string[] Words) Pairs(CounterRandom random, TinyWorldSplit split, int count, string[] words)
    {
        var pairs = new List<(string Name, string Word)>(count);
        while (pairs.Count < count)
        {
            var (name, word) = (random.Pick(TinyWorldWords.Names), random.Pick(words));
            if (SplitOf($"{name} {word}") == split && !pairs.Exists(pair => pair.Name == name || pair.Word == word))
                pairs.Add((name, word));
        }

        return ([.. pairs.Select(pair => pair.Name)], [.. pairs.Select(pair => pair.Word)]);
    }
}
