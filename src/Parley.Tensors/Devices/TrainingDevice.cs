namespace Parley.Tensors;

/// <summary>
/// What only training asks of a device, beside the gradients of what serving computes too; apart from <see cref="Device"/> so that one that
/// only serves is spared it. Outputs are F32 and must not overlap inputs unless a method says so.
/// </summary>
public abstract class TrainingDevice
{
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
/// <param name="FirstRow">Which row of the shard a matrix's row 0 is, where the shard is computed in pieces.</param>
public readonly record struct DropoutMask(float Rate, ulong Seed, ulong Stream, int FirstRow = 0);
