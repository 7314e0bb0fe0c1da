using Parley.Training.Optimization;
using Parley.Training.Runs;

namespace Parley.Training.Tests;

/// <summary>Minutes become a number of steps once, from the speed of the first steps, with room left for the evaluations.</summary>
public sealed class StepBudgetTests
{
    [Theory]
    [InlineData(100, 26)]
    [InlineData(5, 5)]
    [InlineData(1, 1)]
    public void Steps_fill_the_minutes_that_evaluations_leave(int warmup, int measured)
    {
        var time = new ManualTime();
        var meter = new ProgressMeter(time, secondsBefore: 0);
        time.Advance(3);
        meter.CountEvaluation(null);
        var budget = new StepBudget(minutes: 10, warmup, meter);
        long? steps = null;
        for (var step = 1; steps is null; step++)
        {
            time.Advance(step <= 2 && warmup > 1 ? 4 : 0.5); // the first steps also compile
            meter.Count(new StepResult(1, 1, 1, 100, 100));
            steps = budget.Measure(step);
            Assert.Equal(step >= measured, steps is not null);
        }

        var used = 3 + (warmup > 1 ? 8 + ((measured - 2) * 0.5) : 0.5);
        Assert.Equal(measured + (long)((600 - used - (20 * 3)) / 0.5), steps);
    }
}
