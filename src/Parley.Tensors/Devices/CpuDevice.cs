using Parley.Tensors.Kernels;

namespace Parley.Tensors;

/// <summary>The device of ordinary cores: checks shapes, then runs the kernels of <c>Kernels/</c> on the context's workers.</summary>
public sealed partial class CpuDevice : Device
{
    private readonly ComputeContext _context;

    internal CpuDevice(ComputeContext context) => _context = context;

    public override void Linear(Tensor x, Parameter weight, Parameter? bias, Tensor output) => throw new NotImplementedException();

    public override void LinearInputGradient(Tensor outputGradient, Parameter weight, Tensor inputGradient, bool accumulate = false) =>
        throw new NotImplementedException();

    public override void LinearWeightGradient(Tensor outputGradient, Tensor x, Tensor weightGradient) => throw new NotImplementedException();

    public override void LinearBiasGradient(Tensor outputGradient, Tensor biasGradient) => throw new NotImplementedException();

    public override void MatMul(Tensor a, Tensor b, Tensor output, bool accumulate = false) => throw new NotImplementedException();

    protected override void Dispose(bool disposing)
    {
        _ = _context;
    }
}
