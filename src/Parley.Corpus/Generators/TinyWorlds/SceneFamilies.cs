using System.Globalization;

namespace Parley.Corpus.Generators.TinyWorlds;

/// <summary>
/// The kinds of scenes. Each is drawn from one split alone: facts told together are held out when the hash of them, in
/// any order, says so, and a bare question by its own words. So no training text has the scene that a held-out question is about.
/// Single facts are not held out: a model that never sees Ben with a bell learns just that, and is then asked the contrary. All are things that a model of two million
/// parameters picks up in minutes: counting, place values, word pairs, saying again. The scenes of several facts are for the
/// dialogues of larger models.
/// </summary>
internal static class SceneFamilies
{
    private const double HeldOutShare = 0.12;

    /// <summary>What questions are drawn from, and lessons: every kind as often as any other.</summary>
    public static readonly IReadOnlyList<Func<CounterRandom, TinyWorldSplit, Scene>> Questions = [Next, Before, TenMore, EvenOrOdd, Opposite, Echo];

    public static TinyWorldSplit SplitOf(string fact) =>
        StableHash.Share("tiny-world/" + fact) < HeldOutShare ? TinyWorldSplit.HeldOut : TinyWorldSplit.Training;

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
            var words = string.Join(' ', random.Sample(TinyWorldWords.Sayable, random.Between(2, 3)));
            if (SplitOf("echo " + words) == split)
                return new Scene("echo", [], [($"Say {words}.", $"I say {words}.")]);
        }
    }

    /// <summary>"What number comes after 347?"</summary>
    public static Scene Next(CounterRandom random, TinyWorldSplit split) => OfNumber(
        "next", random, split, ["What number comes after {0}?", "Which number follows {0}?", "Count on from {0}.", "What comes next after {0}?"],
        number => $"After {number} comes {number + 1}.");

    /// <summary>"What number comes before 347?"</summary>
    public static Scene Before(CounterRandom random, TinyWorldSplit split) => OfNumber(
        "before", random, split, ["What number comes before {0}?", "Which number is just before {0}?", "Count back from {0}."],
        number => $"Before {number} comes {number - 1}.");

    /// <summary>"What is ten more than 347?"</summary>
    public static Scene TenMore(CounterRandom random, TinyWorldSplit split) => OfNumber(
        "ten", random, split, ["What is ten more than {0}?", "Add ten to {0}.", "Which number is ten above {0}?"],
        number => $"Ten more than {number} is {number + 10}.");

    /// <summary>"Is 347 even or odd?"</summary>
    public static Scene EvenOrOdd(CounterRandom random, TinyWorldSplit split) => OfNumber(
        "parity", random, split, ["Is {0} even or odd?", "Tell me whether {0} is even or odd.", "Which is {0}, even or odd?"],
        number => $"The number {number} is {(number % 2 == 0 ? "even" : "odd")}.");

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

    // Numbers of up to three digits: a digit is a token, so what is learned of one place holds for numbers never seen.
    private static Scene OfNumber(string family, CounterRandom random, TinyWorldSplit split, string[] asks, Func<int, string> answer)
    {
        while (true)
        {
            var number = random.Between(2, 980);
            var ask = random.Pick(asks).Replace("{0}", number.ToString(CultureInfo.InvariantCulture), StringComparison.Ordinal);
            if (SplitOf(ask) == split)
                return new Scene(family, [], [(ask, answer(number))]);
        }
    }

    // One fact alone teaches copying, which looking up among several is built on; it is too easy to be asked in a test.
    private static int FactCount(CounterRandom random, TinyWorldSplit split) =>
        split == TinyWorldSplit.Training && random.Chance(0.25) ? 1 : 2;
}
