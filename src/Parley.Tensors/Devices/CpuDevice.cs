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
    private readonly LinearMaps _linear;

    internal CpuDevice(ComputeContext context)
    {
        _context = context;
        _matMul = new MatMulKernel(context);
        _quantized = new QuantizedKernel(context);
        _bfloats = new BFloat16MatMul(context, _matMul);
        _lowRank = new LowRankProduct(context, _matMul);
        _linear = new LinearMaps(context, _matMul);
        Training = new CpuTrainingDevice(context);
    }

    public override TrainingDevice Training { get; }

    public override void MatMul(Tensor a, Tensor b, Tensor output, bool accumulate = false)
    {
        (int rows, int columns, int depth) = (a.Shape.Rows, b.Shape.Rows, a.Shape.Last);
        Require(b.Shape.Last == depth, "MatMul cannot multiply", a, b);
        Require(output.Shape.Rows == rows, "MatMul's output does not fit its left operand:", output, a);
        Require(output.Shape.Last == columns, "MatMul's output does not fit its right operand:", output, b);
        Panels right = _matMul.PackRight(MatrixSource.Rows(b));
        _matMul.Multiply(new MatrixProduct(MatrixSource.Rows(a), right, (nint)output.Pointer, columns, Accumulate: accumulate));
    }

    protected override void Dispose(bool disposing)
    {
        _matMul.Dispose();
        _quantized.Dispose();
        _bfloats.Dispose();
        _lowRank.Dispose();
        _linear.Dispose();
    }

    // The message is put together only when it is thrown: a dispatch allocates nothing.
    internal static void Require(bool fits, string problem, Tensor? first, Tensor? second)
    {
        if (!fits)
        {
            throw new ArgumentException($"{problem} {first?.Shape} with {second?.Shape}.");
        }
    }
}
