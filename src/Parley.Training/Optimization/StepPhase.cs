namespace Parley.Training.Optimization;

/// <summary>The parts of a training step that are timed.</summary>
public enum StepPhase
{
    Data,
    Forward,
    Loss,
    Backward,
    GradientSum,
    Optimizer,
}
