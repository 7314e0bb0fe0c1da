namespace Parley.Corpus.Generators.SimpleDialogueTopics;

/// <summary>
/// The word lists that lie beside this file, one record a line, fields parted by bars; built into the assembly. Where a
/// field holds several choices, semicolons part them; where it holds a list, a comma and a space.
/// </summary>
internal static class WordTable
{
    /// <summary>Country, capital.</summary>
    public static IReadOnlyList<string[]> Capitals { get; } = Load("capitals");

    /// <summary>Animal, its sound, its young, its legs.</summary>
    public static IReadOnlyList<string[]> Animals { get; } = Load("animals");

    public static IReadOnlyList<string[]> Opposites { get; } = Load("opposites");

    public static IReadOnlyList<string[]> Plurals { get; } = Load("plurals");

    /// <summary>What the list holds, the list.</summary>
    public static IReadOnlyList<string[]> Lists { get; } = Load("lists");

    /// <summary>Word; the word as a sentence about it begins ("an apple is", "bread is", "the sun is"); how the sentence ends.</summary>
    public static IReadOnlyList<string[]> Definitions { get; } = Load("definitions");

    /// <summary>Question, answer.</summary>
    public static IReadOnlyList<string[]> Facts { get; } = Load("facts");

    /// <summary>Question, answer, a question that follows from it, its answer.</summary>
    public static IReadOnlyList<string[]> FollowUps { get; } = Load("followups");

    /// <summary>Question, answer.</summary>
    public static IReadOnlyList<string[]> Advice { get; } = Load("advice");

    public static IReadOnlyList<string[]> Unknown { get; } = Load("unknown");

    /// <summary>What people say in passing, what to say to it.</summary>
    public static IReadOnlyList<string[]> SmallTalk { get; } = Load("smalltalk");

    /// <summary>Verb, its past.</summary>
    public static IReadOnlyList<string[]> Past { get; } = Load("past");

    /// <summary>Words that rhyme with each other; no word stands in two rows.</summary>
    public static IReadOnlyList<string[]> Rhymes { get; } = Load("rhymes");

    /// <summary>Thing, its colour.</summary>
    public static IReadOnlyList<string[]> Colours { get; } = Load("colours");

    /// <summary>Thing, what it is used for.</summary>
    public static IReadOnlyList<string[]> Uses { get; } = Load("uses");

    /// <summary>Place, what is found there and nowhere else in the table.</summary>
    public static IReadOnlyList<string[]> Places { get; } = Load("places");

    /// <summary>A comparative, things of which each is more so than all before it.</summary>
    public static IReadOnlyList<string[]> Ladders { get; } = Load("ladders");

    /// <summary>English word, French, Spanish, German, Italian.</summary>
    public static IReadOnlyList<string[]> Translations { get; } = Load("translations");

    /// <summary>Small unit in the plural, large unit, large unit in the plural, how many small ones make it.</summary>
    public static IReadOnlyList<string[]> Units { get; } = Load("units");

    /// <summary>Riddle, answer.</summary>
    public static IReadOnlyList<string[]> Riddles { get; } = Load("riddles");

    /// <summary>Question, punch line.</summary>
    public static IReadOnlyList<string[]> Jokes { get; } = Load("jokes");

    /// <summary>What the poem is about, its lines parted by slashes.</summary>
    public static IReadOnlyList<string[]> Poems { get; } = Load("poems");

    /// <summary>Thing, how it works, the same in short.</summary>
    public static IReadOnlyList<string[]> Explanations { get; } = Load("explanations");

    /// <summary>A sentence with a mistake, the sentence without.</summary>
    public static IReadOnlyList<string[]> Corrections { get; } = Load("corrections");

    /// <summary>A kind, what belongs to it.</summary>
    public static IReadOnlyList<string[]> Categories { get; } = Load("categories");

    /// <summary>What is asked for, the note; places in braces to be filled.</summary>
    public static IReadOnlyList<string[]> Notes { get; } = Load("notes");

    /// <summary>Trouble, what the hero tries, who helps, how it ends; places in braces to be filled.</summary>
    public static IReadOnlyList<string[]> Plots { get; } = Load("plots");

    private static List<string[]> Load(string name)
    {
        using var stream = typeof(WordTable).Assembly.GetManifestResourceStream($"words/{name}.txt")!;
        using var reader = new StreamReader(stream);
        var rows = new List<string[]>();
        while (reader.ReadLine() is { } line)
            rows.Add(line.Split('|'));
        return rows;
    }
}
