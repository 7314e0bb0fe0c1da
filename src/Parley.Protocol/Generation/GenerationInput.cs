namespace Parley.Protocol.Generation;

/// <summary>What a generation starts from: messages for the chat template, raw text, or token ids as they are.</summary>
public abstract record GenerationInput
{
    private GenerationInput()
    {
    }

    /// <summary>A conversation, rendered by the model's chat template with an opened assistant turn.</summary>
    public sealed record Chat(IReadOnlyList<Message> Messages) : GenerationInput;

    /// <summary>Raw text to be continued; special tokens are never read from it.</summary>
    public sealed record Text(string Value) : GenerationInput;

    /// <summary>Token ids to be continued.</summary>
    public sealed record Tokens(IReadOnlyList<int> Ids) : GenerationInput;

    /// <summary>Several inputs, of which choice i has the i-th; for vectors.</summary>
    public sealed record Many(IReadOnlyList<GenerationInput> Inputs) : GenerationInput;

    /// <summary>Two texts that are judged together, as a question and what may answer it.</summary>
    public sealed record Pair(string First, string Second) : GenerationInput;
}
