namespace Parley.Text;

/// <summary>What can be said of a call before it is whole.</summary>
public enum CallCertainty
{
    /// <summary>It may turn out to be words, so it waits until it is whole.</summary>
    Open,

    /// <summary>A grammar holds the model to calls from their mark on: what begins as one is one.</summary>
    OnceBegun,

    /// <summary>The answer is calls and nothing else.</summary>
    Forced,
}
