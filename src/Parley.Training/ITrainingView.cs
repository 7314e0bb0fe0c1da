namespace Parley.Training;

/// <summary>What a person sees of a run while it goes on. The run never waits for it and never reads from it.</summary>
public interface ITrainingView
{
    /// <summary>A sentence worth keeping on the screen.</summary>
    void Say(string line);

    /// <summary>The newest state; called after every step.</summary>
    void Show(TrainingProgress progress);
}

/// <param name="Step">Finished steps.</param>
/// <param name="Steps">Steps of the whole run; 0 while a time budget is being measured.</param>
/// <param name="Loss">Of the last step, smoothed.</param>
/// <param name="LearningRate">Of the last step.</param>
/// <param name="TokensPerSecond">Smoothed.</param>
/// <param name="Elapsed">Over all sessions.</param>
/// <param name="Remaining">Estimated; null while unknown.</param>
/// <param name="BitsPerByte">Of the newest evaluation.</param>
public sealed record TrainingProgress(
    long Step, long Steps, double Loss, double LearningRate, double TokensPerSecond, TimeSpan Elapsed, TimeSpan? Remaining, double? BitsPerByte);
