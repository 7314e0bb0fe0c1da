using Parley.Tensors.Kernels;
using static Parley.Tensors.CpuDevice;

namespace Parley.Tensors;

/// <summary>Linear maps of a <see cref="CpuDevice"/> in F32, or with both operands rounded to BF16, forward and backward.</summary>
internal sealed unsafe class LinearMaps(ComputeContext context, MatMulKernel matMul) : IDisposable
{
    /// <summary>So many maps of one input share a dispatch.</summary>
    public const int Most = LinearGroup.Most;

    private readonly LinearGroup _group = new(context, matMul);

    private bool InPairs => context.Products == DType.BF16;

    /// <summary>x . weight^T (+ bias) as a product.</summary>
    public MatrixProduct Product(Tensor x, Parameter weight, Parameter? bias, Tensor output)
    {
        bool inPairs = RoundsToPairs(weight);
        Panels columns = PreparedWeight.Forward(weight, matMul, inPairs);
        nint addend = bias is null ? 0 : (nint)bias.Value.Pointer;
        return new MatrixProduct(MatrixSource.Rows(x), columns, (nint)output.Pointer, output.Shape.Last, addend, InPairs: inPairs);
    }

    public void Multiply(in MatrixProduct product) => matMul.Multiply(product);

    /// <summary>Multiplies maps of one input, and keeps it if there is where.</summary>
    public void Multiply(ReadOnlySpan<MatrixProduct> products, Tensor x, Tensor? kept) => _group.Multiply([], products, default, Keeping(x, kept));

    /// <inheritdoc cref="Device.LinearGelu"/>
    public void MultiplyGelu(Tensor x, Projection map, Tensor output, Tensor activated, Tensor? kept)
    {
        RequireKept(x, kept);
        Require(activated.Shape == output.Shape, "GELU's output does not fit its input:", activated, output);
        GeluRows gelu = new((nint)output.Pointer, (nint)activated.Pointer, output.Shape.Last, IsGradient: false);
        _group.Multiply([Product(x, map.Weight, map.Bias, output)], [], gelu, Keeping(x, kept));
    }

    private GroupFillers Keeping(Tensor x, Tensor? kept)
    {
        GroupFillers fillers = default;
        if (kept is not null)
        {
            fillers.Pack(MatrixSource.Columns(x), Kept(x, kept), InPairs);
        }

        return fillers;
    }

    /// <summary>An input [T, K] is kept as the columns of its weights' gradients.</summary>
    public Shape KeptShape(Shape input) => new(checked((int)Panels.Floats(input.Last, Steps(input.Rows), Panels.ColumnWidth)));

    public void RequireKept(Tensor x, Tensor? kept) =>
        Require(kept is null || kept.Shape == KeptShape(x.Shape), "What was kept does not fit the input:", kept, x);

    public void InputGradient(Tensor outputGradient, Parameter weight, Tensor inputGradient, bool accumulate)
    {
        RequireInputGradient(outputGradient, weight, inputGradient);
        matMul.Multiply(InputProduct(outputGradient, weight, inputGradient, accumulate));
    }

    public void WeightGradient(Tensor outputGradient, Tensor x, Tensor weightGradient)
    {
        RequireWeightGradient(outputGradient, x, weightGradient);
        matMul.Multiply(WeightProduct(outputGradient, Pack(x), weightGradient));
    }

    public void BiasGradient(Tensor outputGradient, Tensor biasGradient)
    {
        RequireBiasGradient(outputGradient, biasGradient);
        KernelDriver.Run(context, BiasSum(outputGradient, biasGradient), Edge.Groups(outputGradient.Shape.Last), grain: 4);
    }

    /// <inheritdoc cref="Device.LinearGradients"/>
    public void Gradients(Tensor x, Tensor? kept, ReadOnlySpan<LinearGradient> maps, Tensor inputGradient, bool accumulate, Tensor? gelu)
    {
        RequireKept(x, kept);
        Require(gelu is null || (gelu.Shape == x.Shape && !accumulate && maps.Length <= Most), "Only a gradient of its own goes on through GELU:", gelu, inputGradient);
        foreach ((Tensor gradient, Parameter weight, Parameter? bias) in maps)
        {
            RequireInputGradient(gradient, weight, inputGradient);
            RequireWeightGradient(gradient, x, weight.Value);
            RequireBiasGradient(gradient, bias?.Value);
        }

        for (int first = 0; first < maps.Length; first += Most)
        {
            GroupGradients(x, kept, maps[first..Math.Min(maps.Length, first + Most)], inputGradient, accumulate || first > 0, gelu);
        }
    }

    public void Dispose() => _group.Dispose();

    /// <summary>The gradients of the input and of the weights are one dispatch, whose end the biases' fill.</summary>
    private void GroupGradients(Tensor x, Tensor? kept, ReadOnlySpan<LinearGradient> maps, Tensor inputGradient, bool accumulate, Tensor? gelu)
    {
        Span<MatrixProduct> inputs = stackalloc MatrixProduct[Most], weights = stackalloc MatrixProduct[Most];
        GroupFillers fillers = default;
        Panels? columns = null;
        int weightCount = 0;
        for (int i = 0; i < maps.Length; i++)
        {
            (Tensor gradient, Parameter weight, Parameter? bias) = maps[i];
            inputs[i] = InputProduct(gradient, weight, inputGradient, accumulate || i > 0);
            if (weight.Gradient is { } weightSum)
            {
                weights[weightCount++] = WeightProduct(gradient, columns ??= kept is null ? Pack(x) : Kept(x, kept), weightSum);
            }

            if (bias?.Gradient is { } biasSum)
            {
                fillers.Sum(BiasSum(gradient, biasSum), gradient.Shape.Last);
            }
        }

        GeluRows then = gelu is null ? default : new((nint)gelu.Pointer, (nint)inputGradient.Pointer, x.Shape.Last, IsGradient: true);
        _group.Multiply(inputs[..maps.Length], weights[..weightCount], then, fillers);
    }

    private Panels Pack(Tensor x) => InPairs ? matMul.PackRightInPairs(MatrixSource.Columns(x)) : matMul.PackRight(MatrixSource.Columns(x));

    private Panels Kept(Tensor x, Tensor kept) => new((nint)kept.Pointer, x.Shape.Last, Steps(x.Shape.Rows), Panels.ColumnWidth);

    private int Steps(int rows) => InPairs ? PairPackWork.Pairs(rows) : rows;

    private bool RoundsToPairs(Parameter weight) => InPairs && weight.Value.DType == DType.F32;

    private MatrixProduct InputProduct(Tensor gradient, Parameter weight, Tensor inputGradient, bool accumulate)
    {
        bool inPairs = RoundsToPairs(weight);
        Panels columns = PreparedWeight.Backward(weight, matMul, inPairs);
        return new MatrixProduct(
            MatrixSource.Rows(gradient), columns, (nint)inputGradient.Pointer, inputGradient.Shape.Last, Accumulate: accumulate, InPairs: inPairs);
    }

    private MatrixProduct WeightProduct(Tensor gradient, Panels input, Tensor weightGradient) =>
        new(MatrixSource.Columns(gradient), input, (nint)weightGradient.Pointer, weightGradient.Shape.Last, Accumulate: true, InPairs: InPairs);

    private static ColumnSum BiasSum(Tensor gradient, Tensor biasGradient) =>
        new(gradient.Pointer, gradient.Shape.Rows, gradient.Shape.Last, biasGradient.Pointer);

    private static void RequireInputGradient(Tensor outputGradient, Parameter weight, Tensor inputGradient)
    {
        (int rows, int outputs, int inputs) = (outputGradient.Shape.Rows, outputGradient.Shape.Last, inputGradient.Shape.Last);
        Require(weight.Value.Shape.Rank == 2 && weight.Value.Shape[0] == outputs, "The gradient does not fit the weight:", outputGradient, weight.Value);
        Require(inputGradient.Shape.Rows == rows && weight.Value.Shape[1] == inputs, "The input's gradient does not fit the weight:", inputGradient, weight.Value);
    }

    private static void RequireWeightGradient(Tensor outputGradient, Tensor x, Tensor weightGradient)
    {
        (int rows, int outputs, int inputs) = (x.Shape.Rows, outputGradient.Shape.Last, x.Shape.Last);
        Require(outputGradient.Shape.Rows == rows, "The gradient and the input differ in rows:", outputGradient, x);
        Require(weightGradient.Shape.Rows == outputs && weightGradient.Shape.Last == inputs, "The weight's gradient does not fit the input:", weightGradient, x);
    }

    private static void RequireBiasGradient(Tensor outputGradient, Tensor? biasGradient) =>
        Require(biasGradient is null || biasGradient.Shape.Count == outputGradient.Shape.Last, "The bias's gradient does not fit:", outputGradient, biasGradient);
}
