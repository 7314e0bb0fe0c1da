using Parley.Corpus.Generators.TinyWorlds;

namespace Parley.Corpus.Generators.SimpleDialogueTopics;

/// <summary>Who and what a story is about; drawn once, so that hero, pronoun, helper and place stay the same to the end.</summary>
internal sealed record StoryCast(
    string Kind, string? Name, bool IsFemale,
    (string Word, string Sentence) Trait, (string Where, string Sentence) Place, string Helper, string Thing)
{
    private static readonly string[] Creatures =
    [
        "fox", "mouse", "bear", "rabbit", "cat", "dog", "hedgehog", "lion", "donkey", "squirrel",
        "badger", "goat", "pig", "dragon", "elephant", "monkey", "robot", "prince", "princess",
    ];

    private static readonly string[] CreatureNames = ["Pip", "Bo", "Milo", "Luna", "Nuri", "Tilda", "Fips", "Mimi", "Otto", "Zara"];

    private static readonly string[] FemaleNames = ["Anna", "Clara", "Emma", "Grace", "Kate", "Luna", "Tilda", "Mimi", "Zara"];

    private static readonly string[] Helpers =
    [
        "old owl", "wise crow", "friendly bear", "kind hedgehog", "little mouse", "merry duck", "old woman", "young fisherman", "kind baker",
        "quiet gardener", "old shepherd", "grey donkey", "clever squirrel", "big dog", "white horse", "green frog", "young tailor",
    ];

    private static readonly (string, string)[] Traits =
    [
        ("small", "All the others were bigger, but {he} did not mind."),
        ("curious", "{He} asked questions from morning to night."),
        ("shy", "{He} spoke so softly that hardly anyone could hear {him}."),
        ("clever", "{He} knew a way out of almost every trouble."),
        ("friendly", "{He} greeted everyone who came by."),
        ("cheerful", "{He} hummed a tune all day long."), ("quiet", "{He} liked to sit and watch the clouds."),
        ("dreamy", "{His} head was always full of ideas."),
        ("young", "Every day {he} saw something new."), ("kind", "{He} never passed by anyone who needed help."),
        ("careful", "{He} looked twice before every step."), ("merry", "{He} laughed louder than anyone else."), ("stubborn", "{He} never gave up."),
    ];

    private static readonly (string, string)[] Places =
    [
        ("in a deep forest", "The trees there were so tall that they seemed to touch the clouds."),
        ("by a wide river", "All day long one could hear the water."),
        ("on a green hill", "From there one could see the whole valley."),
        ("in a small village", "Everybody there knew everybody else."),
        ("by a quiet lake", "In the evening the whole sky lay in the water."),
        ("at the edge of a field", "In summer the wheat there shone like gold."),
        ("near an old tower", "Nobody knew who had built it."),
        ("under a tall oak", "In autumn the acorns fell on the roof like rain."),
        ("behind the bakery", "Every morning it smelled of fresh bread."),
        ("beside a sunny garden", "Roses and beans grew there side by side."),
        ("in a narrow valley", "The sun came late there and left early."),
        ("in a little red house", "On cold days smoke rose from its chimney."),
        ("beside an old mill", "Its big wheel turned day and night."),
        ("at the end of a long road", "Few people ever came by."),
        ("on a farm", "There was always something to do."),
        ("near a wooden bridge", "Now and then a cart rolled over it."),
    ];

    private static readonly string[] Things =
    [
        "a golden key", "a red ball", "a little bell", "a blue hat", "an old book", "a silver ring", "a small drum",
        "a wooden boat", "a green scarf", "a warm coat", "a shiny lamp", "a glass bird",
    ];

    /// <summary>How the hero is spoken of after the first sentence: by name, or "the fox".</summary>
    public string Hero => Name ?? $"the {Kind}";

    public static StoryCast Draw(DialogueDraft draft)
    {
        var random = draft.Random;
        var isChild = random.Chance(0.35);
        var kind = isChild ? "child" : random.Pick(Creatures);
        var isRoyal = kind is "prince" or "princess";
        var name = isChild ? random.Pick(TinyWorldWords.Names) : random.Chance(0.35) && !isRoyal ? random.Pick(CreatureNames) : null;
        var isFemale = name is null ? kind == "princess" || (!isRoyal && random.Chance(0.5)) : FemaleNames.Contains(name);
        var helper = random.Pick(Helpers.Where(helper => !helper.EndsWith(kind, StringComparison.Ordinal)).ToArray());
        return new(kind, name, isFemale, random.Pick(Traits), random.Pick(Places), helper, random.Pick(Things));
    }

    /// <summary>
    /// A sentence of the word list with its places in braces filled: {hero}, {he}, {him}, {his}, {helper}, {ahelper}, {thing}; capitals at
    /// a sentence's start.
    /// </summary>
    public string Fill(string sentence)
    {
        var helper = $"{Typing.Article(Helper)} {Helper}";
        (string Place, string Value)[] values =
        [
            ("hero", Hero), ("he", IsFemale ? "she" : "he"), ("him", IsFemale ? "her" : "him"), ("his", IsFemale ? "her" : "his"),
            ("helper", Helper.Split(' ')[1]), ("ahelper", helper), ("thing", Thing),
        ];
        foreach (var (place, value) in values)
        {
            sentence = sentence.Replace($"{{{place}}}", value, StringComparison.Ordinal)
                .Replace($"{{{Typing.UpperFirst(place)}}}", Typing.UpperFirst(value), StringComparison.Ordinal);
        }

        return sentence;
    }
}
