namespace Parley.Tensors;

/// <summary>
/// What only training asks of a device, beside the gradients of what serving computes too; apart from <see cref="Device"/> so that one that
/// only serves is spared it. Outputs are F32 and must not overlap inputs unless a method says so. T rows, D columns.
/// </summary>
public abstract class TrainingDevice
{
    /// <summary>
    /// xGradient = or += the gradient of <see cref="Device.LayerNorm"/> by x, and statistics[t] = (mean, 1 / sqrt(variance + epsilon)) for
    /// <see cref="LayerNormWeightGradient"/>.
    /// </summary>
    /// <param name="outputGradient">[T, D]</param>
    /// <param name="x">[T, D]</param>
    /// <param name="weight">[D]</param>
    /// <param name="epsilon">Of the forward pass.</param>
    /// <param name="statistics">[T, 2]; written.</param>
    /// <param name="xGradient">[T, D]</param>
    /// <param name="accumulate">Adds instead of storing.</param>
    public abstract void LayerNormInputGradient(
        Tensor outputGradient, Tensor x, Tensor weight, float epsilon, Tensor statistics, Tensor xGradient, bool accumulate = false);

    /// <summary>weightGradient += the gradient of <see cref="Device.LayerNorm"/> by its weight; one chain over the rows.</summary>
    public abstract void LayerNormWeightGradient(Tensor outputGradient, Tensor x, Tensor statistics, Tensor weightGradient);

    /// <summary>output = max(x, 0)^2.</summary>
    public abstract void Relu2(Tensor x, Tensor output);

    /// <summary>xGradient = or += outputGradient * 2 max(x, 0).</summary>
    public abstract void Relu2Gradient(Tensor outputGradient, Tensor x, Tensor xGradient, bool accumulate = false);

    /// <summary>gradient *= 1 - (capped / cap)^2, where capped = cap * tanh(x / cap): from the gradient of a capped number to that of x.</summary>
    public abstract void SoftCapGradient(Tensor gradient, Tensor capped, float cap);

    /// <summary>output = or += x where the mask keeps an element, scaled by 1 / (1 - rate), and nothing elsewhere; its own gradient.</summary>
    public abstract void Dropout(Tensor x, DropoutMask mask, Tensor output, bool accumulate = false);
}

/// <summary>
/// Which elements of a matrix are dropped: a pure function of seed, stream and the element's place, so that it need not be stored and is the same
/// for any number of threads, for a gradient, and after a resume.
/// </summary>
/// <param name="Rate">The share that is dropped, from 0 up to, not including, 1.</param>
/// <param name="Seed">Philox's key.</param>
/// <param name="Stream">One number for each use: step, shard and place in the model.</param>
public readonly record struct DropoutMask(float Rate, ulong Seed, ulong Stream);
