namespace Parley.Training.Optimization;

/// <summary>One finished training step.</summary>
/// <param name="Loss">Mean negative log-likelihood of the scored tokens, nats, before the update.</param>
/// <param name="GradientNorm">Global norm before clipping.</param>
/// <param name="LearningRate">The rate of the update.</param>
/// <param name="Tokens">Input tokens of the step.</param>
/// <param name="Scored">Tokens that counted in the loss.</param>
public readonly record struct StepResult(double Loss, double GradientNorm, double LearningRate, long Tokens, long Scored);
