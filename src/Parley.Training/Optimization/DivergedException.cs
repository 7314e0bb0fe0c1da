namespace Parley.Training.Optimization;

/// <summary>The loss or the gradient stopped being a number. The weights are still those before the step.</summary>
public sealed class DivergedException(string message) : Exception(message)
{
    public DivergedException()
        : this("The training diverged.")
    {
    }

    /// <summary>The step that failed, counted from 0.</summary>
    public long Step { get; init; }

    /// <summary>The failure in full: values, parameters, documents.</summary>
    public string Report { get; init; } = "";
}
