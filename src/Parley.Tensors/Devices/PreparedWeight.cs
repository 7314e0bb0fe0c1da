using Parley.Tensors.Kernels;

namespace Parley.Tensors;

/// <summary>
/// The CPU device's layouts of one weight [N, K]: panels of 16 outputs for the forward product and, once a gradient asks,
/// panels of 16 inputs for the backward one; both F32 whatever the stored type. Each knows the version it was made from. All
/// kernel sets share them, and so do contexts: a weight may change only while nobody computes with it.
/// </summary>
internal sealed unsafe class PreparedWeight : IDisposable
{
    private Layout _forward = new();
    private Layout _backward = new();

    /// <summary>Right operand of y = x . weight^T.</summary>
    public static Panels Forward(Parameter weight, MatMulKernel kernel) => Get(weight, kernel, forward: true);

    /// <summary>Right operand of dx = dy . weight.</summary>
    public static Panels Backward(Parameter weight, MatMulKernel kernel) => Get(weight, kernel, forward: false);

    public void Dispose()
    {
        _forward.Storage?.Release();
        _backward.Storage?.Release();
        (_forward, _backward) = (default, default);
    }

    private static Panels Get(Parameter weight, MatMulKernel kernel, bool forward)
    {
        _ = weight.Value.Address; // a disposed weight is an error even while its panels live
        lock (weight)
        {
            PreparedWeight prepared = (PreparedWeight)(weight.Prepared ??= new PreparedWeight());
            ref Layout layout = ref forward ? ref prepared._forward : ref prepared._backward;
            if (layout.Storage is null || layout.Version != weight.Version)
            {
                Make(ref layout, weight.Value, kernel, forward);
                layout.Version = weight.Version;
            }

            return layout.Panels;
        }
    }

    private static void Make(ref Layout layout, Tensor value, MatMulKernel kernel, bool forward)
    {
        (int outputs, int inputs) = (value.Shape[0], value.Shape[1]);
        (int count, int depth) = forward ? (outputs, inputs) : (inputs, outputs);
        layout.Storage ??= NativePages.Allocate(Panels.Floats(count, depth, Panels.ColumnWidth) * sizeof(float), zeroed: false);
        float* target = (float*)layout.Storage.Pointer;
        if (value.DType == DType.F32)
        {
            layout.Panels = kernel.PackRight(new MatrixSource((nint)value.Pointer, inputs, count, depth, forward), target);
            return;
        }

        using Tensor decoded = Tensor.Allocate(value.Shape);
        decoded.CopyFrom(value);
        layout.Panels = kernel.PackRight(new MatrixSource((nint)decoded.Pointer, inputs, count, depth, forward), target);
    }

    private struct Layout
    {
        public Storage? Storage;
        public int Version;
        public Panels Panels;
    }
}
