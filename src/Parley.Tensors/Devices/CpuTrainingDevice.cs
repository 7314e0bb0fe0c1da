using Parley.Tensors.Kernels;

namespace Parley.Tensors;

/// <summary>Training's operations on ordinary cores: checks shapes, then runs the kernels on the context's workers.</summary>
internal sealed unsafe class CpuTrainingDevice(ComputeContext context) : TrainingDevice
{
    private const int ElementGrain = 1024;

    public override void Relu2(Tensor x, Tensor output)
    {
        RequireShape(output, x.Shape);
        var count = x.Shape.Count;
        KernelDriver.Run(context, new Relu2Forward(x.Pointer, output.Pointer, count), Edge.Groups(count), ElementGrain);
    }

    public override void Relu2Gradient(Tensor outputGradient, Tensor x, Tensor xGradient, bool accumulate = false)
    {
        RequireShape(outputGradient, x.Shape);
        RequireShape(xGradient, x.Shape);
        var count = x.Shape.Count;
        var kernel = new Relu2Gradient(outputGradient.Pointer, x.Pointer, xGradient.Pointer, count, accumulate);
        KernelDriver.Run(context, kernel, Edge.Groups(count), ElementGrain);
    }

    public override void SoftCapGradient(Tensor gradient, Tensor capped, float cap)
    {
        RequireShape(capped, gradient.Shape);
        var count = gradient.Shape.Count;
        KernelDriver.Run(context, new SoftCapGradient(gradient.Pointer, capped.Pointer, cap, count), Edge.Groups(count), ElementGrain);
    }

    public override void Dropout(Tensor x, DropoutMask mask, Tensor output, bool accumulate = false)
    {
        if (!(mask.Rate is >= 0 and < 1)) throw new ArgumentException($"A dropout rate of {mask.Rate} is not from 0 up to 1.", nameof(mask));
        RequireShape(output, x.Shape);
        var kernel = new DropoutKernel(x.Pointer, mask, x.Shape.Last, output.Pointer, accumulate);
        KernelDriver.Run(context, kernel, x.Shape.Rows, Math.Max(1, RowGrain(x.Shape.Last) / 8)); // random numbers cost more than what they decide
    }

    private static void RequireShape(Tensor tensor, Shape shape)
    {
        if (tensor.Shape != shape) throw new ArgumentException($"A tensor of shape {tensor.Shape} was given where {shape} is needed.");
    }

    private static int RowGrain(int columns) => Math.Max(1, ElementGrain * 16 / Math.Max(1, columns));
}
