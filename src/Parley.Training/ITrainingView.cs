namespace Parley.Training;

/// <summary>What a person sees of a run while it goes on. The run never waits for it and never reads from it.</summary>
public interface ITrainingView
{
    /// <summary>A sentence worth keeping on the screen.</summary>
    void Say(string line);

    /// <summary>The newest state; called after every step, every evaluation and every checkpoint.</summary>
    void Show(TrainingProgress progress);
}
