namespace Parley.Corpus.Generators.TinyWorlds;

/// <summary>All there is in the tiny world. Few words, each frequent: a small tokenizer makes every one a single token.</summary>
internal static class TinyWorldWords
{
    public static readonly string[] Names =
    [
        "Anna", "Ben", "Clara", "David", "Emma", "Felix", "Grace", "Hugo", "Kate", "Tom",
    ];

    public static readonly string[] Objects =
    [
        "kite", "drum", "ball", "book", "hat", "cup", "lamp", "boat", "ring", "bell",
    ];

    public static readonly string[] Colours = ["red", "blue", "green", "yellow", "black", "white"];

    public static readonly string[] Places =
    [
        "garden", "kitchen", "school", "park", "shop", "forest", "barn", "tower",
    ];

    /// <summary>What may stand in a sequence to be said again.</summary>
    public static readonly string[] Sayable = [.. Names, .. Objects, .. Colours, .. Places];

    public static readonly (string, string)[] Opposites =
    [
        ("hot", "cold"), ("big", "small"), ("fast", "slow"), ("high", "low"), ("old", "young"), ("light", "dark"), ("hard", "soft"),
        ("wet", "dry"), ("full", "empty"), ("loud", "quiet"), ("happy", "sad"), ("rich", "poor"), ("strong", "weak"), ("early", "late"),
        ("open", "closed"), ("up", "down"), ("left", "right"), ("good", "bad"), ("day", "night"), ("near", "far"), ("thick", "thin"),
        ("clean", "dirty"), ("sweet", "sour"), ("long", "short"), ("deep", "shallow"), ("first", "last"),
    ];
}
