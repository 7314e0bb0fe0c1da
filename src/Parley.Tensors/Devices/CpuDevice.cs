using Parley.Tensors.Kernels;

namespace Parley.Tensors;

/// <summary>The device of ordinary cores: checks shapes, then runs the kernels of <c>Kernels/</c> on the context's workers.</summary>
public sealed unsafe partial class CpuDevice : Device
{
    private readonly ComputeContext _context;
    private readonly MatMulKernel _matMul;
    private readonly QuantizedKernel _quantized;
    private readonly BFloat16MatMul _bfloats;
    private readonly LowRankProduct _lowRank;

    internal CpuDevice(ComputeContext context)
    {
        _context = context;
        _matMul = new MatMulKernel(context);
        _quantized = new QuantizedKernel(context);
        _bfloats = new BFloat16MatMul(context, _matMul);
        _lowRank = new LowRankProduct(context, _matMul);
        Training = new CpuTrainingDevice(context);
    }

    public override TrainingDevice Training { get; }

    public override void LinearInputGradient(Tensor outputGradient, Parameter weight, Tensor inputGradient, bool accumulate = false)
    {
        (int rows, int outputs, int inputs) = (outputGradient.Shape.Rows, outputGradient.Shape.Last, inputGradient.Shape.Last);
        Require(weight.Value.Shape.Rank == 2 && weight.Value.Shape[0] == outputs, "The gradient does not fit the weight:", outputGradient, weight.Value);
        Require(inputGradient.Shape.Rows == rows && weight.Value.Shape[1] == inputs, "The input's gradient does not fit the weight:", inputGradient, weight.Value);
        if (InPairs(weight))
        {
            Panels columns = PreparedWeight.Backward(weight, _matMul, inPairs: true);
            _matMul.MultiplyInPairs(Inner(outputGradient, rows, outputs), columns, inputGradient.Pointer, inputs, accumulate: accumulate);
            return;
        }

        Panels right = PreparedWeight.Backward(weight, _matMul);
        _matMul.Multiply(Inner(outputGradient, rows, outputs), right, inputGradient.Pointer, inputs, accumulate: accumulate);
    }

    public override void LinearWeightGradient(Tensor outputGradient, Tensor x, Tensor weightGradient)
    {
        (int rows, int outputs, int inputs) = (x.Shape.Rows, outputGradient.Shape.Last, x.Shape.Last);
        Require(outputGradient.Shape.Rows == rows, "The gradient and the input differ in rows:", outputGradient, x);
        Require(weightGradient.Shape.Rows == outputs && weightGradient.Shape.Last == inputs, "The weight's gradient does not fit the input:", weightGradient, x);
        if (_context.Products == DType.BF16)
        {
            Panels columns = _matMul.PackRightInPairs(Outer(x, rows, inputs));
            _matMul.MultiplyInPairs(Outer(outputGradient, rows, outputs), columns, weightGradient.Pointer, inputs, accumulate: true);
            return;
        }

        Panels right = _matMul.PackRight(Outer(x, rows, inputs));
        _matMul.Multiply(Outer(outputGradient, rows, outputs), right, weightGradient.Pointer, inputs, accumulate: true);
    }

    public override void LinearBiasGradient(Tensor outputGradient, Tensor biasGradient)
    {
        (int rows, int outputs) = (outputGradient.Shape.Rows, outputGradient.Shape.Last);
        Require(biasGradient.Shape.Count == outputs, "The bias's gradient does not fit:", outputGradient, biasGradient);
        ColumnSum kernel = new(outputGradient.Pointer, rows, outputs, biasGradient.Pointer);
        KernelDriver.Run(_context, kernel, Edge.Groups(outputs), grain: 4);
    }

    public override void MatMul(Tensor a, Tensor b, Tensor output, bool accumulate = false)
    {
        (int rows, int columns, int depth) = (a.Shape.Rows, b.Shape.Rows, a.Shape.Last);
        Require(b.Shape.Last == depth, "MatMul cannot multiply", a, b);
        Require(output.Shape.Rows == rows, "MatMul's output does not fit its left operand:", output, a);
        Require(output.Shape.Last == columns, "MatMul's output does not fit its right operand:", output, b);
        Panels right = _matMul.PackRight(Inner(b, columns, depth));
        _matMul.Multiply(Inner(a, rows, depth), right, output.Pointer, columns, accumulate: accumulate);
    }

    protected override void Dispose(bool disposing)
    {
        _matMul.Dispose();
        _quantized.Dispose();
        _bfloats.Dispose();
        _lowRank.Dispose();
    }

    private static MatrixSource Inner(Tensor x, int count, int depth) => new((nint)x.Pointer, depth, count, depth, DepthIsInner: true);

    private static MatrixSource Outer(Tensor x, int depth, int count) => new((nint)x.Pointer, count, count, depth, DepthIsInner: false);

    // The message is put together only when it is thrown: a dispatch allocates nothing.
    private static void Require(bool fits, string problem, Tensor? first, Tensor? second)
    {
        if (!fits)
        {
            throw new ArgumentException($"{problem} {first?.Shape} with {second?.Shape}.");
        }
    }
}
