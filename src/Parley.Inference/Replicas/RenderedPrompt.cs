namespace Parley.Inference;

/// <summary>What the model reads, and what the caller may be told of it.</summary>
/// <param name="Ids">At least one.</param>
internal sealed record RenderedPrompt(int[] Ids)
{
    /// <summary>What the caller sent, for an echo.</summary>
    public string Text { get; init; } = "";

    /// <summary>The first id that stands for something the caller sent.</summary>
    public int FirstOwn { get; init; }

    /// <summary>The prompt ends inside of thoughts that it opened.</summary>
    public bool IsThinking { get; init; }

    /// <summary>The prompt ends behind thoughts that it has closed.</summary>
    public bool HasThought { get; init; }

    /// <summary>The answer may begin with thoughts; one of a given form may not.</summary>
    public bool MayThink { get; init; } = true;

    /// <summary>The prompt ends behind the mark that opens a call.</summary>
    public bool IsCalling { get; init; }
}
