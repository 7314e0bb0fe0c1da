using Parley.Tensors.Kernels;

namespace Parley.Tensors;

/// <content>LayerNorm, forward and backward.</content>
public sealed unsafe partial class CpuDevice
{
    public override void LayerNorm(Tensor x, Tensor weight, Tensor bias, float epsilon, Tensor output, Tensor? statistics = null)
    {
        var columns = x.Shape.Last;
        RequireShape(weight, new(columns));
        RequireShape(bias, new(columns));
        RequireShape(output, x.Shape);
        if (statistics is not null) RequireShape(statistics, new(x.Shape.Rows, 2));
        var kernel = new LayerNormForward(x.Pointer, weight.Pointer, bias.Pointer, epsilon, columns, output.Pointer)
        {
            Statistics = statistics is null ? null : statistics.Pointer,
        };
        KernelDriver.Run(_context, kernel, x.Shape.Rows, RowGrain(columns));
    }

    public override void LayerNormInputGradient(
        Tensor outputGradient, Tensor x, Tensor weight, Tensor statistics, Tensor xGradient, bool accumulate = false)
    {
        var columns = x.Shape.Last;
        RequireShape(weight, new(columns));
        RequireShape(outputGradient, x.Shape);
        RequireShape(xGradient, x.Shape);
        RequireShape(statistics, new(x.Shape.Rows, 2));
        var kernel = new LayerNormInputGradient(
            outputGradient.Pointer, x.Pointer, weight.Pointer, statistics.Pointer, columns, xGradient.Pointer, accumulate);
        KernelDriver.Run(_context, kernel, x.Shape.Rows, RowGrain(columns));
    }

    public override void LayerNormWeightGradient(Tensor outputGradient, Tensor x, Tensor statistics, Tensor weightGradient, Tensor biasGradient)
    {
        var columns = x.Shape.Last;
        RequireShape(outputGradient, x.Shape);
        RequireShape(statistics, new(x.Shape.Rows, 2));
        RequireShape(weightGradient, new(columns));
        RequireShape(biasGradient, new(columns));
        var kernel = new LayerNormWeightGradient(outputGradient.Pointer, x.Pointer, statistics.Pointer, x.Shape.Rows, columns)
        {
            WeightGradient = weightGradient.Pointer,
            BiasGradient = biasGradient.Pointer,
        };
        KernelDriver.Run(_context, kernel, Edge.Groups(columns), 4);
    }
}
