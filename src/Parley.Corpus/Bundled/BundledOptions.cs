namespace Parley.Corpus.Bundled;

/// <summary>What goes into the corpus of the bundled model.</summary>
public sealed record BundledOptions
{
    /// <summary>Books kept for bits per byte, whole: two whose authors are in the training text as well, two whose authors are not.</summary>
    public IReadOnlyList<string> HeldOutBooks { get; init; } =
    [
        "anthony-hope_the-prisoner-of-zenda", "arthur-conan-doyle_the-sign-of-the-four", "baroness-orczy_the-scarlet-pimpernel", "h-g-wells_the-first-men-in-the-moon",
    ];

    /// <summary>The share of dialogues, and of texts that are no books, kept for bits per byte, by hash of the id.</summary>
    public double HeldOutShare { get; init; } = 0.01;

    /// <summary>
    /// Evaluation files and folders of them, within the data folder: a training text with 13 words in a row of any of them is left out. Those that are not there are passed over.
    /// </summary>
    public IReadOnlyList<string> Evaluations { get; init; } = ["eval", "math/gsm8k-test.jsonl.gz", "preference"];

    /// <summary>Technical prose (Rust book, C# standard) and Shakespeare: off, as a small model has no room for them.</summary>
    public bool IncludeProse { get; init; }

    /// <summary>How many dialogues the generator adds.</summary>
    public int GeneratedDialogues { get; init; } = 200_000;

    /// <summary>Passages of each chapter that become "go on with this" dialogues.</summary>
    public int ContinuationsPerChapter { get; init; } = 4;

    /// <summary>Characters of such a dialogue at most: together with its answer it must fit the model's context.</summary>
    public int LongestContinuation { get; init; } = 1_200;

    /// <summary>Longest instruction dialogue in characters, all messages together.</summary>
    public int LongestDialogue { get; init; } = 700;

    /// <summary>
    /// How the ids of wanted tasks begin. Multiple choice and reading tasks are left out: at this size they teach guessing.
    /// </summary>
    public IReadOnlyList<string> TaskFamilies { get; init; } = ["induction/", "disfl-qa/", "p3/common_gen_", "self-instruct/", "oasst-seed/"];

    public ulong Seed { get; init; } = 1;
}
