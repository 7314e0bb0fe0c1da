namespace Parley.Corpus.Bundled;

/// <summary>What goes into the corpus of the bundled model.</summary>
public sealed record BundledOptions
{
    /// <summary>The share of chapters kept for bits per byte, by hash of the chapter's id.</summary>
    public double HeldOutShare { get; init; } = 0.01;

    /// <summary>Technical prose (Rust book, C# standard) and Shakespeare: off, as a small model has no room for them.</summary>
    public bool IncludeProse { get; init; }

    /// <summary>How many dialogues the generator adds.</summary>
    public int GeneratedDialogues { get; init; } = 200_000;

    /// <summary>Longest instruction dialogue in characters, all messages together.</summary>
    public int LongestDialogue { get; init; } = 700;

    /// <summary>
    /// How the ids of wanted tasks begin. Multiple choice and reading tasks are left out: at this size they teach guessing.
    /// </summary>
    public IReadOnlyList<string> TaskFamilies { get; init; } = ["induction/", "disfl-qa/", "p3/common_gen_", "self-instruct/", "oasst-seed/"];

    public ulong Seed { get; init; } = 1;
}
