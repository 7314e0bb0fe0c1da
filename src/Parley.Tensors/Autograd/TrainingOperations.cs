namespace Parley.Tensors.Autograd;

/// <summary>Operations that only training asks for, or that few models have; recorded with their gradients as those of <see cref="Operations"/>.</summary>
public static class TrainingOperations
{
    /// <summary>max(x, 0)^2 (arXiv:2109.08668).</summary>
    public static Tensor Relu2(this Operations operations, Tensor x)
    {
        var output = operations.Arena.Take(x.Shape);
        operations.Device.Training.Relu2(x, output);
        if (operations.Tape is { } tape) TrainingGradients.Relu2(operations, tape, x, output);
        return output;
    }

    /// <summary>
    /// x with a share of its elements zeroed and the others scaled by 1 / (1 - rate) (Srivastava et al. 2014); x itself where no treatment asks for it. Which
    /// elements: a function of (seed, step, shard, place, row, column), drawn by Philox, so the same for any number of threads and after a resume.
    /// </summary>
    /// <param name="place">Where in the model: 0 behind the embedding, 1 + 2 l and 2 + 2 l for the branches of layer l.</param>
    public static Tensor Dropout(this Operations operations, Tensor x, int place) =>
        operations is { Treatment: { DropoutRate: > 0 } treatment, Tape: not null } ? Drop(operations, x, treatment.Mask(place)) : x;

    /// <summary>
    /// body(x), of which nothing is kept but x: in the backward pass it is computed again, by the same operations, so to the same bits
    /// (arXiv:1604.06174). Only with a tape; output and x have one shape.
    /// </summary>
    public static Tensor Recompute(this Operations operations, Tensor x, Func<Operations, Tensor, Tensor> body) => operations.Recomputation.Run(x, body);

    private static Tensor Drop(Operations operations, Tensor x, DropoutMask mask)
    {
        var output = operations.Arena.Take(x.Shape);
        operations.Device.Training.Dropout(x, mask, output);
        TrainingGradients.Dropout(operations, operations.Tape!, x, mask, output);
        return output;
    }
}
