namespace Parley.Tensors;

/// <summary>Arithmetic on whole tensors outside any model: gradient norms, clipping, sums of shards, probabilities. F32 only.</summary>
public sealed class TensorMath(ComputeContext context)
{
    /// <summary>The sum of squares; its order of additions depends on the length only.</summary>
    public double SquaredNorm(Tensor values) => context.Device.SquaredNorm(values);

    /// <summary>target *= factor.</summary>
    public void Scale(Tensor target, float factor) => context.Device.Scale(target, factor);

    /// <summary>target += factor * source with one rounding, shapes equal.</summary>
    public void AddScaled(Tensor target, Tensor source, float factor) => context.Device.AddScaled(target, source, factor, target);

    /// <summary>target += source, shapes equal.</summary>
    public void AddInPlace(Tensor target, Tensor source) => context.Device.Add(target, source, target);

    /// <summary>Each row becomes its softmax.</summary>
    public void Softmax(Tensor rows) => context.Device.Softmax(rows);
}
