namespace Parley.Host.Pulling;

/// <summary>A pull that cannot go on: one sentence with the remedy. Nothing more is tried.</summary>
internal sealed class PullFailure : IOException
{
    public PullFailure()
    {
    }

    public PullFailure(string message)
        : base(message)
    {
    }

    public PullFailure(string message, Exception? innerException)
        : base(message, innerException)
    {
    }
}
