namespace Parley.Tensors.Optimizers;

/// <summary>The numbers of one AdamW step: w = w - rate * (m^ / (sqrt(v^) + epsilon) + decay * w), with bias-corrected moments.</summary>
/// <param name="LearningRate">Already scheduled for this step.</param>
/// <param name="Beta1">Decay of the mean of gradients.</param>
/// <param name="Beta2">Decay of the mean of squared gradients.</param>
/// <param name="Epsilon">Keeps the quotient finite.</param>
/// <param name="WeightDecay">Decoupled decay.</param>
/// <param name="Step">Counts from 1; bias correction depends on it.</param>
public readonly record struct AdamWStep(float LearningRate, float Beta1, float Beta2, float Epsilon, float WeightDecay, long Step);
