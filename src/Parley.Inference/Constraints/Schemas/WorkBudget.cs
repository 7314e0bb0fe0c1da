namespace Parley.Inference;

/// <summary>How much one description may cost before it is refused, in states of automata: a bound on time that is the same on every machine.</summary>
internal sealed class WorkBudget
{
    private const int Most = 60_000;
    private int _spent;

    public void Spend(int states)
    {
        _spent += states;
        if (_spent > Most)
        {
            throw new ConstraintException($"The patterns, formats and names of the schema need more than {Most:N0} states in all; make them simpler.");
        }
    }
}
