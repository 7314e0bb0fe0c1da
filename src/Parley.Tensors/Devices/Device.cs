namespace Parley.Tensors;

/// <summary>
/// What a machine can compute: raw operations with explicit outputs, forward and backward. Outputs are F32 and must not
/// overlap inputs unless a method says so. Nothing here records or differentiates by itself; <c>Autograd</c> does.
/// Legend of shapes: T rows (tokens), K inputs, N outputs.
/// </summary>
public abstract partial class Device : IDisposable
{
    /// <summary>What only training asks for.</summary>
    public abstract TrainingDevice Training { get; }

    /// <summary>
    /// output[T, N] = x[T, K] . weight[N, K]^T (+ bias[N]), the bias added last. In exact arithmetic every element is one FMA chain over k; in
    /// fast arithmetic quantised weights are multiplied as integers, one FMA a block of 32.
    /// </summary>
    /// <param name="exact">Computes exactly in any context, for a gradient that is exact.</param>
    public abstract void Linear(Tensor x, Parameter weight, Parameter? bias, Tensor output, bool exact = false);

    /// <summary>Several maps of one input, which is prepared once; outputs[i] belongs to maps[i].</summary>
    /// <param name="exact">Computes exactly in any context, for a gradient that is exact.</param>
    /// <param name="kept">If given, receives x as <see cref="LinearGradients"/> will want it; of <see cref="KeptShape"/>.</param>
    public abstract void Linear(Tensor x, ReadOnlySpan<Projection> maps, ReadOnlySpan<Tensor> outputs, bool exact = false, Tensor? kept = null);

    /// <summary>An exact <see cref="Linear(Tensor, Parameter, Parameter?, Tensor, bool)"/> and <see cref="Gelu"/> of its output, for training.</summary>
    public abstract void LinearGelu(Tensor x, Projection map, Tensor output, Tensor activated, Tensor? kept = null);

    /// <summary>The shape of an input [T, K] that is kept for its maps' gradients.</summary>
    public abstract Shape KeptShape(Shape input);

    /// <summary>
    /// output[t] += scale * B . (A . x[t]) for the rows t of each segment: [T, K] -> [T, N]; one FMA chain over k, one over the rank, one FMA with
    /// the scale. Rows that no segment names stay; what a row gets does not depend on the others.
    /// </summary>
    /// <param name="rows">Row numbers that the segments are ranges of; a row is named at most once.</param>
    public abstract void LowRank(Tensor x, ReadOnlyMemory<int> rows, ReadOnlySpan<LowRankSegment> segments, Tensor output);

    /// <summary>Makes now, in parallel, the layouts that <see cref="Linear(Tensor, Parameter, Parameter?, Tensor, bool)"/> would make when first called.</summary>
    /// <param name="progress">Told the share that is done, from 0 to 1.</param>
    public abstract void Prepare(IReadOnlyList<Parameter> weights, IProgress<double>? progress = null);

    /// <summary>inputGradient[T, K] = or += outputGradient[T, N] . weight[N, K]; one FMA chain over n.</summary>
    public abstract void LinearInputGradient(Tensor outputGradient, Parameter weight, Tensor inputGradient, bool accumulate = false);

    /// <summary>weightGradient[N, K] += outputGradient[T, N]^T . x[T, K]; one FMA chain over t that goes on from what is there.</summary>
    public abstract void LinearWeightGradient(Tensor outputGradient, Tensor x, Tensor weightGradient);

    /// <summary>biasGradient[N] += the sum over rows of outputGradient[T, N]; one chain of additions over t that goes on from what is there.</summary>
    public abstract void LinearBiasGradient(Tensor outputGradient, Tensor biasGradient);

    /// <summary>
    /// All gradients of several linear maps of one input x[T, K]: each weight's and bias's where they are wanted, and the input's, to which the first map
    /// contributes first. The same bits as the three methods above for one map after another.
    /// </summary>
    /// <param name="kept">What the forward pass kept of x; null if nothing.</param>
    /// <param name="gelu">If given, x is GELU of this, and the input's gradient goes on to this: its contributions times GELU's slope here.</param>
    public abstract void LinearGradients(Tensor x, Tensor? kept, ReadOnlySpan<LinearGradient> maps, Tensor inputGradient, bool accumulate = false, Tensor? gelu = null);

    /// <summary>output[M, N] = or += a[M, K] . b[N, K]^T for two plain F32 tensors; one FMA chain over k.</summary>
    public abstract void MatMul(Tensor a, Tensor b, Tensor output, bool accumulate = false);

    public void Dispose()
    {
        Dispose(disposing: true);
        GC.SuppressFinalize(this);
    }

    protected abstract void Dispose(bool disposing);
}
