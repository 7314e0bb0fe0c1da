namespace Parley.Models;

/// <summary>How the hidden states of a text's tokens become one vector.</summary>
public enum Pooling
{
    /// <summary>They do not: the model continues text, or its file does not say.</summary>
    None,

    /// <summary>The mean of all.</summary>
    Mean,

    /// <summary>The first token's, [CLS] of a bert.</summary>
    First,

    /// <summary>The last token's.</summary>
    Last,

    /// <summary>The first token's through the model's classification head.</summary>
    Rank,
}
