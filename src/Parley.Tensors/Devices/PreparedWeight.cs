using Parley.Tensors.Kernels;

namespace Parley.Tensors;

/// <summary>
/// The CPU device's layouts of one weight [N, K]: panels of 16 outputs for the forward product and, once a gradient asks,
/// panels of 16 inputs for the backward one; both F32 whatever the stored type; for integer products <see cref="R16Weight"/>, for BF16 ones
/// <see cref="BFloat16Weight"/>.
/// Each knows the version it was made from. All kernel sets share them, and so do contexts: a weight may change only while nobody computes with it.
/// </summary>
internal sealed unsafe class PreparedWeight : IDisposable
{
    private Layout _forward = new();
    private Layout _backward = new();
    private Layout _forwardPairs = new();
    private Layout _backwardPairs = new();
    private R16Weight? _repacked;
    private BFloat16Weight? _paired;

    /// <summary>Right operand of y = x . weight^T.</summary>
    public static Panels Forward(Parameter weight, MatMulKernel kernel, bool inPairs = false) => Get(weight, kernel, forward: true, inPairs);

    /// <summary>Right operand of dx = dy . weight.</summary>
    public static Panels Backward(Parameter weight, MatMulKernel kernel, bool inPairs = false) => Get(weight, kernel, forward: false, inPairs);

    /// <summary>The weight for integer products; null when its type, or a scale that is not finite, does not allow them.</summary>
    public static R16Matrix? Repacked(Parameter weight, WorkerPool workers)
    {
        Tensor value = weight.Value;
        _ = value.Address;
        lock (weight)
        {
            return IsRepacked(weight)
                ? ((PreparedWeight)weight.Prepared!)._repacked?.Matrix
                : R16Weight.Plan(weight) is { } plan ? Repack(weight, plan, workers) : null;
        }
    }

    /// <summary>The weight for BF16 products; null when it is stored in another type.</summary>
    public static BFloat16Panels? Paired(Parameter weight, WorkerPool workers)
    {
        Tensor value = weight.Value;
        _ = value.Address;
        lock (weight)
        {
            return IsRepacked(weight)
                ? ((PreparedWeight)weight.Prepared!)._paired?.Panels
                : BFloat16Weight.Plan(value) is { } plan ? Pair(weight, plan, workers) : null;
        }
    }

    /// <summary>Repacks every weight that is not multiplied in F32 into one piece of memory, large enough for huge pages.</summary>
    public static void RepackAll(IReadOnlyList<Parameter> weights, WorkerPool workers, IProgress<double>? progress)
    {
        (Parameter Weight, long Bytes)[] plans =
            [.. from weight in weights let bytes = RepackedBytes(weight) where bytes > 0 select (weight, bytes)];
        long total = plans.Sum(item => item.Bytes), done = 0;
        if (total == 0)
        {
            return;
        }

        Storage slab = NativePages.Allocate(total, zeroed: false);
        foreach ((Parameter weight, long bytes) in plans)
        {
            lock (weight)
            {
                if (R16Weight.Plan(weight) is { } integers)
                {
                    Repack(weight, integers, workers, slab, done);
                }
                else if (BFloat16Weight.Plan(weight.Value) is { } pairs)
                {
                    Pair(weight, pairs, workers, slab, done);
                }
            }

            done += bytes;
            progress?.Report((double)done / total);
        }

        slab.Release();
    }

    public void Dispose()
    {
        _forward.Storage?.Release();
        _backward.Storage?.Release();
        _forwardPairs.Storage?.Release();
        _backwardPairs.Storage?.Release();
        (_forwardPairs, _backwardPairs) = (default, default);
        _repacked?.Dispose();
        _paired?.Dispose();
        (_forward, _backward, _repacked, _paired) = (default, default, null, null);
    }

    /// <summary>Bytes of the layout that a weight still needs; 0 when it has it, or is multiplied in F32.</summary>
    private static long RepackedBytes(Parameter weight) =>
        IsRepacked(weight) ? 0 : R16Weight.Plan(weight)?.ByteCount ?? BFloat16Weight.Plan(weight.Value)?.ByteCount ?? 0;

    private static BFloat16Panels Pair(Parameter weight, BFloat16Panels plan, WorkerPool workers, Storage? slab = null, long offset = 0)
    {
        PreparedWeight prepared = (PreparedWeight)(weight.Prepared ??= new PreparedWeight());
        BFloat16Weight target = prepared._paired ??= BFloat16Weight.Allocate(plan, slab, offset);
        target.Fill(weight.Value, plan, weight.Version, workers);
        return target.Panels;
    }

    private static bool IsRepacked(Parameter weight) =>
        weight.Prepared is PreparedWeight prepared && (prepared._repacked?.Version ?? prepared._paired?.Version) == weight.Version;

    private static R16Matrix? Repack(Parameter weight, R16Matrix plan, WorkerPool workers, Storage? slab = null, long offset = 0)
    {
        PreparedWeight prepared = (PreparedWeight)(weight.Prepared ??= new PreparedWeight());
        R16Weight target = prepared._repacked ??= R16Weight.Allocate(plan, slab, offset);
        target.Fill(weight.Value, plan, weight.Version, workers);
        return target.Matrix;
    }

    private static Panels Get(Parameter weight, MatMulKernel kernel, bool forward, bool inPairs)
    {
        _ = weight.Value.Address; // a disposed weight is an error even while its panels live
        lock (weight)
        {
            PreparedWeight prepared = (PreparedWeight)(weight.Prepared ??= new PreparedWeight());
            ref Layout layout = ref inPairs
                ? ref forward ? ref prepared._forwardPairs : ref prepared._backwardPairs
                : ref forward ? ref prepared._forward : ref prepared._backward;
            if (layout.Storage is null || layout.Version != weight.Version)
            {
                Make(ref layout, weight.Value, kernel, forward, inPairs);
                layout.Version = weight.Version;
            }

            return layout.Panels;
        }
    }

    private static void Make(ref Layout layout, Tensor value, MatMulKernel kernel, bool forward, bool inPairs)
    {
        (int outputs, int inputs) = (value.Shape[0], value.Shape[1]);
        (int count, int depth) = forward ? (outputs, inputs) : (inputs, outputs);
        int steps = inPairs ? PairPackWork.Pairs(depth) : depth;
        if (layout.Storage is null)
        {
            (layout.Storage, layout.Offset) = SharedPages.Take(Panels.Floats(count, steps, Panels.ColumnWidth) * sizeof(float));
        }

        float* target = (float*)(layout.Storage.Pointer + layout.Offset);
        if (value.DType == DType.F32)
        {
            MatrixSource source = new((nint)value.Pointer, inputs, count, depth, forward);
            layout.Panels = inPairs ? kernel.PackRightInPairs(source, target) : kernel.PackRight(source, target);
            return;
        }

        using Tensor decoded = Tensor.Allocate(value.Shape);
        decoded.CopyFrom(value);
        layout.Panels = kernel.PackRight(new MatrixSource((nint)decoded.Pointer, inputs, count, depth, forward), target);
    }

    private struct Layout
    {
        public Storage? Storage;
        public long Offset;
        public int Version;
        public Panels Panels;
    }
}
