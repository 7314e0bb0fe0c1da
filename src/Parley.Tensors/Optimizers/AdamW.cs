namespace Parley.Tensors.Optimizers;

/// <summary>
/// AdamW (arXiv:1711.05101) over a model's parameters, F32. It owns no state: the moments are the trainer's, so that checkpoints can hold
/// them. Element by element, so its bits depend on nothing but its inputs.
/// </summary>
public sealed class AdamW(ComputeContext context)
{
    /// <summary>
    /// Steps every parameter that has a gradient and marks it changed. Weight decay applies to matrices only: decaying a norm's weight or a
    /// bias towards 0 regularises nothing.
    /// </summary>
    /// <param name="parameters">Their gradients are read, not cleared.</param>
    /// <param name="firstMoments">One per parameter, of its shape; zero before step 1.</param>
    /// <param name="secondMoments">One per parameter, of its shape; zero before step 1.</param>
    /// <param name="step">The rates, and the step's number from 1.</param>
    public void Step(
        IReadOnlyList<Parameter> parameters, IReadOnlyList<Tensor> firstMoments, IReadOnlyList<Tensor> secondMoments, in AdamWStep step)
    {
        if (firstMoments.Count != parameters.Count || secondMoments.Count != parameters.Count)
        {
            throw new ArgumentException($"{parameters.Count} parameters came with {firstMoments.Count} and {secondMoments.Count} moments.");
        }

        ArgumentOutOfRangeException.ThrowIfLessThan(step.Step, 1, nameof(step));
        for (var i = 0; i < parameters.Count; i++)
        {
            var parameter = parameters[i];
            if (parameter.Gradient is not { } gradient) continue;
            var rates = parameter.Value.Shape.Rank >= 2 ? step : step with { WeightDecay = 0 };
            context.Device.AdamW(parameter.Value, gradient, firstMoments[i], secondMoments[i], rates);
            parameter.MarkChanged();
        }
    }
}
