namespace Parley.Inference;

/// <summary>
/// How much one description may cost before it is refused, in states of automata and in the steps that it took to find them: a bound on memory and time
/// that is the same on every machine.
/// </summary>
internal sealed class WorkBudget
{
    /// <summary>Some tenths of a second.</summary>
    public const int MostSteps = 4_000_000;

    private const int MostStates = 60_000;
    private int _states;

    /// <summary>Taken so far.</summary>
    public long Steps { get; private set; }

    /// <exception cref="ConstraintException">It is too much.</exception>
    public void SpendState()
    {
        if (++_states > MostStates)
        {
            throw new ConstraintException($"The patterns, formats and names of the constraint need more than {MostStates:N0} states in all; make them simpler.");
        }
    }

    /// <param name="count">A step is a place looked at, some nanoseconds.</param>
    /// <exception cref="ConstraintException">It is too much.</exception>
    public void SpendSteps(int count)
    {
        Steps += count;
        if (Steps > MostSteps)
        {
            throw new ConstraintException($"The patterns, formats and names of the constraint need more than {MostSteps:N0} steps to be worked out; make them simpler.");
        }
    }
}
