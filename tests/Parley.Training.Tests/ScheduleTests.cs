using Parley.Training.Optimization;

namespace Parley.Training.Tests;

/// <summary>The learning rate's shape: warm-up, peak, floor; and that it never asks a clock.</summary>
public sealed class ScheduleTests
{
    [Theory]
    [InlineData(ScheduleKind.Cosine)]
    [InlineData(ScheduleKind.WarmupStableDecay)]
    [InlineData(ScheduleKind.Linear)]
    public void It_rises_to_the_peak_and_falls_to_the_floor(ScheduleKind kind)
    {
        var schedule = new LearningRateSchedule(kind, Peak: 2, Warmup: 10, Steps: 110);
        var rates = Enumerable.Range(0, 110).Select(step => schedule.At(step)).ToArray();
        Assert.Equal(0.2, rates[0], 12);
        Assert.Equal(2, rates[9], 12);
        Assert.Equal(0.2, rates[^1], 12);
        Assert.Equal(rates[10..].OrderDescending(), rates[10..]);
        Assert.Equal(2, rates.Max(), 12);
    }

    [Fact]
    public void The_stable_part_is_stable()
    {
        var schedule = new LearningRateSchedule(ScheduleKind.WarmupStableDecay, Peak: 2, Warmup: 10, Steps: 110);
        Assert.All(Enumerable.Range(10, 78), step => Assert.Equal(2, schedule.At(step)));
        Assert.True(schedule.At(89) < 2);
    }

    [Fact]
    public void Without_a_number_of_steps_only_the_warm_up_is_known()
    {
        var schedule = new LearningRateSchedule(ScheduleKind.Cosine, Peak: 1, Warmup: 4, Steps: 0);
        Assert.Equal(1, schedule.At(3));
        Assert.Throws<InvalidOperationException>(() => schedule.At(4));
    }
}
