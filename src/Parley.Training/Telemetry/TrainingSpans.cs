using System.Diagnostics;
using Parley.Training.Optimization;
using Parley.Training.Runs;

namespace Parley.Training.Telemetry;

/// <summary>
/// The spans of a training session: the session, each evaluation, each checkpoint with its writing, and one step in a hundred with its phases. Nobody
/// listening, nothing is made.
/// </summary>
internal static class TrainingSpans
{
    /// <summary>A step is traced when its number is a multiple of this: all of them would say no more, and be millions.</summary>
    public const int StepsBetween = 100;

    private static readonly ActivitySource Source = new(TrainingMetrics.MeterName);

    public static Activity? Session(SessionFacts session, long step, long steps)
    {
        var span = Source.StartActivity("train");
        span?.SetTag("parley.run", session.Run).SetTag("parley.run_id", session.RunId).SetTag("parley.stage", session.Stage)
            .SetTag("parley.parameters", session.Parameters).SetTag("parley.threads", session.Threads)
            .SetTag("parley.step", step).SetTag("parley.steps", steps);
        return span;
    }

    public static Activity? Step(long step) => step % StepsBetween == 0 ? Source.StartActivity("step")?.SetTag("parley.step", step) : null;

    public static Activity? Evaluation(long step) => Source.StartActivity("evaluate")?.SetTag("parley.step", step);

    /// <summary>What the run waits for; <see cref="Writing"/> goes on beside it.</summary>
    public static Activity? Checkpoint(long step) => Source.StartActivity("checkpoint")?.SetTag("parley.step", step);

    public static Activity? Writing(long step) => Source.StartActivity("write checkpoint")?.SetTag("parley.step", step);

    /// <summary>Where the time of a traced step went, in seconds.</summary>
    public static void SetPhases(this Activity span, StepTimes before, StepTimes after)
    {
        foreach (var phase in Enum.GetValues<StepPhase>())
        {
            span.SetTag($"parley.{phase.ToString().ToLowerInvariant()}_seconds", (after[phase] - before[phase]).TotalSeconds);
        }
    }

    public static void Fail(this Activity? span, Exception error) => span?.SetStatus(ActivityStatusCode.Error, error.Message);
}
