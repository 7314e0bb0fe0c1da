namespace Parley.Training.Runs;

/// <summary>
/// Turns minutes into a number of steps, once: the first steps are timed, the rest of the budget is divided by what one takes. From then on
/// the run is a run of that many steps, because a learning rate that followed the clock could not be repeated.
/// </summary>
internal sealed class StepBudget
{
    /// <summary>How many evaluations are spread over a run unless the configuration says otherwise.</summary>
    public const int Evaluations = 20;

    private const int Longest = 12;

    private readonly double _minutes;
    private readonly int _last;
    private readonly int _skipped;
    private readonly ProgressMeter _meter;
    private double _from;

    public StepBudget(double minutes, int warmup, ProgressMeter meter)
    {
        (_minutes, _meter) = (minutes, meter);
        _last = Math.Clamp(warmup, 1, Longest);
        _skipped = Math.Min(2, _last - 1); // the first steps also pay for compiling the code
    }

    /// <summary>The number of steps once enough of them have run, otherwise null.</summary>
    public long? Measure(long step)
    {
        if (step <= _skipped) _from = _meter.Seconds;
        if (step < _last) return null;
        var perStep = (_meter.Seconds - _from) / (_last - _skipped);
        if (_last == 1) perStep = _meter.Seconds - _meter.EvaluationSeconds;
        var rest = (_minutes * 60) - _meter.Seconds - (Evaluations * _meter.EvaluationSeconds);
        return _last + Math.Max(1, (long)(rest / perStep));
    }
}
