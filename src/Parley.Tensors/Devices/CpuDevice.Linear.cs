using Parley.Tensors.Kernels;

namespace Parley.Tensors;

/// <content>Linear maps: as integers or in BF16 where arithmetic and weight allow it, as <see cref="LinearMaps"/> otherwise.</content>
public sealed unsafe partial class CpuDevice
{
    public override void Linear(Tensor x, Parameter weight, Parameter? bias, Tensor output, bool exact = false)
    {
        RequireLinear(x, weight, bias, output);
        if (!exact && Product(weight, bias, output) is { } product)
        {
            _quantized.Multiply(x.Pointer, x.Shape.Rows, [product]);
            return;
        }

        if (!exact && Pairs(weight, bias, output) is { } pairs)
        {
            _bfloats.Multiply(x.Pointer, x.Shape.Rows, [pairs]);
            return;
        }

        _linear.Multiply(_linear.Product(x, weight, bias, output));
    }

    public override void Linear(Tensor x, ReadOnlySpan<Projection> maps, ReadOnlySpan<Tensor> outputs, bool exact = false, Tensor? kept = null)
    {
        _linear.RequireKept(x, kept);
        Span<QuantizedProduct> products = stackalloc QuantizedProduct[QuantizedKernel.MostProducts];
        Span<BFloat16Product> pairs = stackalloc BFloat16Product[QuantizedKernel.MostProducts];
        Span<MatrixProduct> others = stackalloc MatrixProduct[LinearMaps.Most];
        int count = 0, pairCount = 0, otherCount = 0;
        for (int i = 0; i < maps.Length; i++)
        {
            RequireLinear(x, maps[i].Weight, maps[i].Bias, outputs[i]);
            if (!exact && count < products.Length && Product(maps[i].Weight, maps[i].Bias, outputs[i]) is { } product)
            {
                products[count++] = product;
            }
            else if (!exact && pairCount < pairs.Length && Pairs(maps[i].Weight, maps[i].Bias, outputs[i]) is { } pair)
            {
                pairs[pairCount++] = pair;
            }
            else if (otherCount < others.Length)
            {
                others[otherCount++] = _linear.Product(x, maps[i].Weight, maps[i].Bias, outputs[i]);
            }
            else
            {
                Linear(x, maps[i].Weight, maps[i].Bias, outputs[i], exact);
            }
        }

        if (count > 0)
        {
            _quantized.Multiply(x.Pointer, x.Shape.Rows, products[..count]);
        }

        if (pairCount > 0)
        {
            _bfloats.Multiply(x.Pointer, x.Shape.Rows, pairs[..pairCount]);
        }

        if (otherCount > 0 || kept is not null)
        {
            _linear.Multiply(others[..otherCount], x, kept);
        }
    }

    public override Shape KeptShape(Shape input) => _linear.KeptShape(input);

    public override void LinearInputGradient(Tensor outputGradient, Parameter weight, Tensor inputGradient, bool accumulate = false) =>
        _linear.InputGradient(outputGradient, weight, inputGradient, accumulate);

    public override void LinearWeightGradient(Tensor outputGradient, Tensor x, Tensor weightGradient) =>
        _linear.WeightGradient(outputGradient, x, weightGradient);

    public override void LinearBiasGradient(Tensor outputGradient, Tensor biasGradient) => _linear.BiasGradient(outputGradient, biasGradient);

    public override void LinearGradients(Tensor x, Tensor? kept, ReadOnlySpan<LinearGradient> maps, Tensor inputGradient, bool accumulate = false, Tensor? gelu = null) =>
        _linear.Gradients(x, kept, maps, inputGradient, accumulate, gelu);

    public override void LinearGelu(Tensor x, Projection map, Tensor output, Tensor activated, Tensor? kept = null)
    {
        RequireLinear(x, map.Weight, map.Bias, output);
        _linear.MultiplyGelu(x, map, output, activated, kept);
    }

    public override void LowRank(Tensor x, ReadOnlyMemory<int> rows, ReadOnlySpan<LowRankSegment> segments, Tensor output)
    {
        Require(x.Shape.Rows == output.Shape.Rows, "The update's output does not fit its input:", output, x);
        RequireIndices(rows.Span, x.Shape.Rows, "Row", "rows of the batch");
        _lowRank.Add(x, rows, segments, output);
    }

    public override void Prepare(IReadOnlyList<Parameter> weights, IProgress<double>? progress = null)
    {
        if (_context.Arithmetic == Arithmetic.Fast)
        {
            PreparedWeight.RepackAll(weights, _context.Workers, progress);
        }
    }

    private QuantizedProduct? Product(Parameter weight, Parameter? bias, Tensor output) =>
        _context.Arithmetic == Arithmetic.Fast && PreparedWeight.Repacked(weight, _context.Workers) is { } matrix
            ? new QuantizedProduct(matrix, default, (nint)output.Pointer, bias is null ? 0 : (nint)bias.Value.Pointer)
            : null;

    private BFloat16Product? Pairs(Parameter weight, Parameter? bias, Tensor output) =>
        _context.Arithmetic == Arithmetic.Fast && PreparedWeight.Paired(weight, _context.Workers) is { } panels
            ? new BFloat16Product(panels, (nint)output.Pointer, bias is null ? 0 : (nint)bias.Value.Pointer)
            : null;

    private static void RequireLinear(Tensor x, Parameter weight, Parameter? bias, Tensor output)
    {
        (int rows, int inputs, int outputs) = (x.Shape.Rows, x.Shape.Last, weight.Value.Shape[0]);
        Require(weight.Value.Shape.Rank == 2 && weight.Value.Shape[1] == inputs, "Linear cannot multiply", x, weight.Value);
        Require(output.Shape.Rows == rows, "Linear's output does not fit its input:", output, x);
        Require(output.Shape.Last == outputs, "Linear's output does not fit its weight:", output, weight.Value);
        Require(bias is null || bias.Value.Shape.Count == outputs, "Linear has a bias that does not fit its weight:", bias?.Value, weight.Value);
    }
}
