namespace Parley.Tensors.Optimizers;

/// <summary>
/// Muon (Jordan et al. 2024, "Muon: an optimizer for hidden layers in neural networks") over matrices, F32: Nesterov momentum whose singular
/// values are all brought near 1 by five Newton-Schulz iterations. The update is scaled by 0.2 sqrt(max(rows, columns)), so that its root mean square is
/// AdamW's usual 0.2 and both share one learning rate and weight decay (arXiv:2502.16982, section 2.2). Every product keeps one chain per
/// output, so the bits depend on neither threads nor widths. Owns scratch memory, no state: momentum is the trainer's, so that checkpoints can hold it.
/// </summary>
public sealed class Muon(ComputeContext context) : IDisposable
{
    private const int Iterations = 5;
    private const float Match = 0.2f;

    // The quintic of Jordan et al.: steep at 0, and everything from 0 to 1 ends between about 0.7 and 1.2.
    private const float Linear = 3.4445f, Cubic = -4.7750f, Quintic = 2.0315f;

    private readonly Arena _arena = new();

    /// <summary>Steps every parameter that has a gradient and marks it changed.</summary>
    /// <param name="parameters">Matrices; their gradients are read, not cleared.</param>
    /// <param name="momenta">One per parameter, of its shape; zero before the first step.</param>
    /// <param name="step">The rates.</param>
    public void Step(IReadOnlyList<Parameter> parameters, IReadOnlyList<Tensor> momenta, in MuonStep step)
    {
        if (momenta.Count != parameters.Count) throw new ArgumentException($"{parameters.Count} parameters came with {momenta.Count} momenta.");
        for (var i = 0; i < parameters.Count; i++)
        {
            if (parameters[i].Gradient is not { } gradient) continue;
            Step(parameters[i].Value, gradient, momenta[i], step);
            parameters[i].MarkChanged();
            _arena.Reset();
        }
    }

    /// <summary>The nearest orthogonal matrix, roughly: every singular value of <paramref name="matrix"/> ends near 1. [R, C] -> [R, C].</summary>
    /// <returns>A tensor that is valid until the next call.</returns>
    public Tensor Orthogonalise(Tensor matrix)
    {
        var device = context.Device;
        var x = _arena.Take(matrix.Shape);
        x.CopyFrom(matrix);
        var norm = Math.Sqrt(device.SquaredNorm(x));
        device.Scale(x, (float)(1 / (norm + 1e-7)));
        int rows = matrix.Shape[0], columns = matrix.Shape[1], side = Math.Min(rows, columns);
        Tensor gram = _arena.Take(new(side, side)), polynomial = _arena.Take(gram.Shape), next = _arena.Take(matrix.Shape);
        for (var iteration = 0; iteration < Iterations; iteration++)
        {
            // 1. gram = X X^T on the shorter side; it equals its transpose to the bit, because both elements are the same chain.
            if (rows <= columns)
            {
                device.MatMul(x, x, gram);
            }
            else
            {
                gram.Fill(0);
                device.LinearWeightGradient(x, x, gram);
            }

            // 2. polynomial = b gram + c gram^2.
            device.MatMul(gram, gram, polynomial);
            device.Scale(polynomial, Quintic);
            device.AddScaled(polynomial, gram, Cubic, polynomial);

            // 3. X = a X + polynomial X, or X polynomial.
            next.CopyFrom(x);
            device.Scale(next, Linear);
            if (rows <= columns) device.LinearWeightGradient(polynomial, x, next);
            else device.MatMul(x, polynomial, next, accumulate: true);
            (x, next) = (next, x);
        }

        return x;
    }

    public void Dispose() => _arena.Dispose();

    private void Step(Tensor weight, Tensor gradient, Tensor momentum, in MuonStep step)
    {
        var device = context.Device;
        device.Scale(momentum, step.Momentum);
        device.AddScaled(momentum, gradient, 1 - step.Momentum, momentum);
        var update = _arena.Take(weight.Shape);
        update.CopyFrom(gradient);
        device.Scale(update, 1 - step.Momentum);
        device.AddScaled(update, momentum, step.Momentum, update); // Nesterov
        var direction = Orthogonalise(update);
        device.Scale(weight, 1 - step.LearningRate * step.WeightDecay);
        device.AddScaled(weight, direction, -step.LearningRate * Match * MathF.Sqrt(Math.Max(weight.Shape[0], weight.Shape[1])), weight);
    }
}

/// <summary>The numbers of one Muon step.</summary>
/// <param name="LearningRate">Already scheduled for this step.</param>
/// <param name="Momentum">Decay of the mean of gradients, 0.95 usually.</param>
/// <param name="WeightDecay">Decoupled decay.</param>
public readonly record struct MuonStep(float LearningRate, float Momentum, float WeightDecay);
