namespace Parley.Training.Runs;

/// <summary>
/// Turns minutes into a number of steps, once: steps of the warm-up are timed, for a fiftieth of the budget, and the rest of the budget is
/// divided by what one takes. From then on the run is a run of that many steps, because a learning rate that followed the clock could not be
/// repeated.
/// </summary>
internal sealed class StepBudget
{
    /// <summary>How many evaluations are spread over a run unless the configuration says otherwise.</summary>
    public const int Evaluations = 20;

    private const int Shortest = 12;
    private const double Share = 0.02;

    private readonly double _seconds;
    private readonly int _warmup;
    private readonly int _skipped;
    private readonly ProgressMeter _meter;
    private double _from;

    public StepBudget(double minutes, int warmup, ProgressMeter meter)
    {
        (_seconds, _warmup, _meter) = (minutes * 60, Math.Max(1, warmup), meter);
        _skipped = Math.Min(2, _warmup - 1); // the first steps also pay for compiling the code
        _from = meter.Seconds;
    }

    /// <summary>The number of steps once enough of them have run, otherwise null.</summary>
    /// <param name="step">Finished steps.</param>
    public long? Measure(long step)
    {
        if (step <= _skipped)
        {
            _from = _meter.Seconds;
            return null;
        }

        var measured = _meter.Seconds - _from;
        if (step < _warmup && (step < Shortest || measured < _seconds * Share)) return null;
        var perStep = measured / (step - _skipped);
        var rest = _seconds - _meter.Seconds - (Evaluations * _meter.EvaluationSeconds);
        return step + Math.Max(1, (long)(rest / perStep));
    }
}
