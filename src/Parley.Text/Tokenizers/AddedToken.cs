namespace Parley.Text;

/// <summary>A token that is looked for in the text before anything is split or merged (added_tokens; GGUF's control and user-defined types).</summary>
/// <param name="Text">As it is written in the text.</param>
internal sealed record AddedToken(string Text, int Id)
{
    /// <summary>Found only where control tokens are asked for, and no text of its own; the others are ordinary text.</summary>
    public bool IsControl { get; init; } = true;

    /// <summary>White space before it belongs to it (lstrip).</summary>
    public bool TrimsLeft { get; init; }

    /// <summary>White space after it belongs to it (rstrip).</summary>
    public bool TrimsRight { get; init; }

    /// <summary>Not found next to a letter, digit or underscore (single_word).</summary>
    public bool WholeWord { get; init; }

    /// <summary>Looked for only in what the others leave (normalized).</summary>
    public bool Late { get; init; }

    /// <summary>Looking for it must stay cheap at every position.</summary>
    /// <exception cref="InvalidDataException">It is too long.</exception>
    public AddedToken Check() => Text.Length <= 1024
        ? this
        : throw new InvalidDataException($"the added token {Id} has {Text.Length} characters; at most 1024 are taken");
}
