using Parley.Tensors.Kernels;
using Parley.Tensors.Optimizers;

namespace Parley.Tensors;

/// <content>Checks shapes, cuts the work and hands it to the kernels.</content>
public sealed unsafe partial class CpuDevice
{
    /// <summary>Groups of 16 elements in a chunk of elementwise work: 16,384 elements, some microseconds.</summary>
    private const int ElementGrain = 1024;

    private float[] _partials = [];

    public override void Gather(Tensor table, ReadOnlyMemory<int> indices, Tensor output)
    {
        RequireShape(output, new(indices.Length, table.Shape.Last));
        RequireIndices(indices.Span, table.Shape.Rows, "Index", "rows of the table");
        KernelDriver.Run(_context, new GatherKernel(table, indices, output.Pointer), indices.Length, 16);
    }

    public override void ScatterAdd(Tensor rows, ReadOnlyMemory<int> indices, Tensor table)
    {
        RequireShape(rows, new(indices.Length, table.Shape.Last));
        RequireIndices(indices.Span, table.Shape.Rows, "Index", "rows of the table");
        var columns = table.Shape.Last;
        var groups = Edge.Groups(columns);
        var grain = (groups - 1) / _context.Workers.Threads + 1;
        KernelDriver.Run(_context, new ScatterAddKernel(rows.Pointer, indices, columns, table.Pointer), groups, grain);
    }

    public override void RmsNorm(Tensor x, Tensor weight, float epsilon, Tensor output, Tensor inverse)
    {
        var columns = RequireRowWeight(x, weight);
        RequireShape(output, x.Shape);
        var kernel = new RmsNormForward(x.Pointer, weight.Pointer, epsilon, columns, output.Pointer, inverse.Pointer);
        KernelDriver.Run(_context, kernel, RowsOf(x, columns), RowGrain(columns));
    }

    public override void RmsNormInputGradient(
        Tensor outputGradient, Tensor x, Tensor weight, Tensor inverse, Tensor xGradient, bool accumulate = false)
    {
        var columns = RequireRowWeight(x, weight);
        RequireShape(outputGradient, x.Shape);
        RequireShape(xGradient, x.Shape);
        var kernel = new RmsNormInputGradient(
            outputGradient.Pointer, x.Pointer, weight.Pointer, inverse.Pointer, columns, xGradient.Pointer, accumulate);
        KernelDriver.Run(_context, kernel, RowsOf(x, columns), RowGrain(columns));
    }

    public override void RmsNormWeightGradient(Tensor outputGradient, Tensor x, Tensor inverse, Tensor weightGradient)
    {
        var columns = RequireRowWeight(x, weightGradient);
        RequireShape(outputGradient, x.Shape);
        var kernel = new RmsNormWeightGradient(
            outputGradient.Pointer, x.Pointer, inverse.Pointer, RowsOf(x, columns), columns, weightGradient.Pointer);
        KernelDriver.Run(_context, kernel, Edge.Groups(columns), 4);
    }

    public override void Rope(
        Tensor x, int heads, RotaryTable table, ReadOnlyMemory<int> positions, Tensor output, bool backward = false, bool accumulate = false)
    {
        RequireRope(x, heads, table, positions.Span);
        RequireShape(output, x.Shape);
        var kernel = new RopeKernel(table, positions, heads, backward, accumulate) { Input = x.Pointer, Output = output.Pointer };
        KernelDriver.Run(_context, kernel, x.Shape.Rows, RowGrain(x.Shape.Last));
    }

    public override void NormRope(Tensor x, int heads, Tensor? norm, float epsilon, RotaryTable table, ReadOnlyMemory<int> positions)
    {
        RequireRope(x, heads, table, positions.Span);
        if (norm is not null) RequireShape(norm, new(table.HeadDim));
        var kernel = new RopeKernel(table, positions, heads, backward: false, accumulate: false)
        {
            Input = x.Pointer,
            Output = x.Pointer,
            Norm = norm is null ? null : norm.Pointer,
            Epsilon = epsilon,
        };
        KernelDriver.Run(_context, kernel, x.Shape.Rows, RowGrain(x.Shape.Last));
    }

    public override void Attention(in AttentionOperands operands, AttentionBatch batch, int layer)
    {
        var source = PrepareKeys(operands, batch, layer);
        var rows = new AttentionRows(batch, operands.Heads, operands.KVHeads, operands.Settings);
        var kernel = new AttentionForward
        {
            Rows = rows,
            Source = source,
            Queries = operands.Q.Pointer,
            Output = operands.Output.Pointer,
            Maxima = operands.Maxima.Pointer,
            Normalisers = operands.Normalisers.Pointer,
        };
        KernelDriver.Run(_context, kernel, rows.ItemCount, rows.Grain(_context.Workers.Threads));
    }

    public override void AttentionGradient(
        in AttentionOperands operands, AttentionBatch batch, Tensor outputGradient, AttentionGradients gradients, Tensor dots, Tensor packedValues)
    {
        RequireAttention(operands, batch);
        if (batch.Cache is not null) throw new ArgumentException("Attention over a cache has no gradient; train on a batch without one.");
        if (!operands.Settings.Causal) throw new NotSupportedException("Bidirectional attention has no gradient yet.");
        var packedKeys = operands.PackedKeys ?? throw new ArgumentException("The forward pass kept no packed keys.", nameof(operands));
        RequireShape(packedValues, packedKeys.Shape);
        int heads = operands.Heads, kvHeads = operands.KVHeads, headDim = operands.HeadDim;
        Pack(operands.V.Pointer, batch, operands, packedValues);
        var rowDots = new AttentionDots(outputGradient.Pointer, operands.Output.Pointer, heads, headDim, dots.Pointer);
        KernelDriver.Run(_context, rowDots, batch.Rows, RowGrain(operands.Q.Shape.Last));
        var kernel = new AttentionBackward
        {
            Rows = new(batch, heads, kvHeads, operands.Settings),
            Keys = new(batch, packedKeys.Pointer, operands.K.Pointer, kvHeads, headDim),
            Values = new(batch, packedValues.Pointer, operands.V.Pointer, kvHeads, headDim),
            Queries = operands.Q.Pointer,
            OutputGradient = outputGradient.Pointer,
            QueryGradient = gradients.Q.Pointer,
            KeyGradient = gradients.K.Pointer,
            ValueGradient = gradients.V.Pointer,
            Accumulate = gradients.Accumulate,
            Maxima = operands.Maxima.Pointer,
            Normalisers = operands.Normalisers.Pointer,
            Dots = dots.Pointer,
        };
        KernelDriver.Run(_context, kernel, batch.Spans.Count * kvHeads, 1);
    }

    public override void SwiGlu(Tensor gate, Tensor up, Tensor output)
    {
        RequireShape(up, gate.Shape);
        RequireShape(output, gate.Shape);
        var count = gate.Shape.Count;
        KernelDriver.Run(_context, new SwiGluForward(gate.Pointer, up.Pointer, output.Pointer, count), Edge.Groups(count), ElementGrain);
    }

    public override void SwiGluGradient(
        Tensor outputGradient, Tensor gate, Tensor up, Tensor gateGradient, Tensor upGradient, (bool Gate, bool Up) accumulate)
    {
        RequireShape(up, gate.Shape);
        RequireShape(outputGradient, gate.Shape);
        var count = gate.Shape.Count;
        var kernel = new SwiGluGradient(outputGradient.Pointer, gate.Pointer, up.Pointer, count, accumulate)
        {
            GateGradient = gateGradient.Pointer,
            UpGradient = upGradient.Pointer,
        };
        KernelDriver.Run(_context, kernel, Edge.Groups(count), ElementGrain);
    }

    public override void Gelu(Tensor gate, Tensor? up, Tensor output)
    {
        if (up is not null) RequireShape(up, gate.Shape);
        RequireShape(output, gate.Shape);
        var count = gate.Shape.Count;
        var kernel = new GeluForward(gate.Pointer, up is null ? null : up.Pointer, output.Pointer, count);
        KernelDriver.Run(_context, kernel, Edge.Groups(count), ElementGrain);
    }

    public override void GeluErf(Tensor x, Tensor output)
    {
        RequireShape(output, x.Shape);
        var count = x.Shape.Count;
        KernelDriver.Run(_context, new GeluErfForward(x.Pointer, output.Pointer, count), Edge.Groups(count), ElementGrain);
    }

    public override void GeluGradient(
        Tensor outputGradient, Tensor gate, Tensor? up, Tensor gateGradient, Tensor? upGradient, (bool Gate, bool Up) accumulate)
    {
        RequireShape(outputGradient, gate.Shape);
        var count = gate.Shape.Count;
        var kernel = new GeluGradient(outputGradient.Pointer, gate.Pointer, up is null ? null : up.Pointer, count, accumulate)
        {
            GateGradient = gateGradient.Pointer,
            UpGradient = upGradient is null ? null : upGradient.Pointer,
        };
        KernelDriver.Run(_context, kernel, Edge.Groups(count), ElementGrain);
    }

    public override void SoftCap(Tensor target, float cap)
    {
        var count = target.Shape.Count;
        KernelDriver.Run(_context, new SoftCapKernel(target.Pointer, cap, count), Edge.Groups(count), ElementGrain);
    }

    public override void MixExperts(Tensor rows, ReadOnlyMemory<int> places, ReadOnlyMemory<float> weights, Tensor output)
    {
        var (tokens, columns) = (output.Shape.Rows, output.Shape.Last);
        RequireShape(rows, new(places.Length, columns));
        RequireIndices(places.Span, rows.Shape.Rows, "Place", "rows of the experts' outputs");
        if (weights.Length != places.Length || places.Length % tokens != 0)
        {
            throw new ArgumentException($"{places.Length} places and {weights.Length} weights do not fit {tokens} tokens.");
        }

        var kernel = new MixExpertsKernel(rows.Pointer, places, weights, places.Length / tokens, columns) { Output = output.Pointer };
        KernelDriver.Run(_context, kernel, tokens, RowGrain(columns));
    }

    public override void Add(Tensor a, Tensor b, Tensor output)
    {
        RequireShape(b, a.Shape);
        RequireShape(output, a.Shape);
        var count = a.Shape.Count;
        KernelDriver.Run(_context, new AddKernel(a.Pointer, b.Pointer, output.Pointer, count), Edge.Groups(count), ElementGrain);
    }

    public override void AddScaled(Tensor a, Tensor b, float factor, Tensor output)
    {
        RequireShape(b, a.Shape);
        RequireShape(output, a.Shape);
        var count = a.Shape.Count;
        KernelDriver.Run(_context, new AddScaledKernel(a.Pointer, b.Pointer, factor, output.Pointer, count), Edge.Groups(count), ElementGrain);
    }

    public override void Scale(Tensor target, float factor)
    {
        var count = target.Shape.Count;
        KernelDriver.Run(_context, new ScaleKernel(target.Pointer, factor, count), Edge.Groups(count), ElementGrain);
    }

    public override void Softmax(Tensor rows) =>
        KernelDriver.Run(_context, new SoftmaxKernel(rows.Pointer, rows.Shape.Last), rows.Shape.Rows, RowGrain(rows.Shape.Last));

    public override void CrossEntropy(Tensor logits, ReadOnlyMemory<int> targets, ReadOnlyMemory<float> factors, Memory<double> losses)
    {
        RequireShape(logits, new(targets.Length, logits.Shape.Last));
        RequireIndices(targets.Span, logits.Shape.Last, "Target", "entries of the vocabulary");
        var kernel = new CrossEntropyKernel(logits.Pointer, logits.Shape.Last, targets, losses) { Factors = factors };
        KernelDriver.Run(_context, kernel, targets.Length, RowGrain(logits.Shape.Last));
    }

    public override double SquaredNorm(Tensor values)
    {
        var items = checked((int)((values.Shape.Count + SquaredNormKernel.ItemLength - 1) / SquaredNormKernel.ItemLength));
        if (_partials.Length < items) _partials = new float[items];
        KernelDriver.Run(_context, new SquaredNormKernel(values.Pointer, values.Shape.Count, _partials), items, 4);
        var sum = 0.0;
        for (var i = 0; i < items; i++) sum += _partials[i];
        return sum;
    }

    public override void AdamW(Tensor weight, Tensor gradient, Tensor firstMoment, Tensor secondMoment, in AdamWStep step)
    {
        var count = weight.Shape.Count;
        foreach (var tensor in (ReadOnlySpan<Tensor>)[gradient, firstMoment, secondMoment]) RequireShape(tensor, weight.Shape);
        var kernel = new AdamWKernel(weight.Pointer, gradient.Pointer, firstMoment.Pointer, secondMoment.Pointer, count)
        {
            Beta1 = step.Beta1,
            Beta2 = step.Beta2,
            Epsilon = step.Epsilon,
            StepSize = (float)(step.LearningRate / (1 - Math.Pow(step.Beta1, step.Step))),
            SecondCorrection = (float)(1 / (1 - Math.Pow(step.Beta2, step.Step))),
            Decay = 1 - step.LearningRate * step.WeightDecay,
        };
        KernelDriver.Run(_context, kernel, Edge.Groups(count), ElementGrain);
    }

    private KeyValueSource PrepareKeys(in AttentionOperands operands, AttentionBatch batch, int layer)
    {
        RequireAttention(operands, batch);
        float* keys = operands.K.Pointer, values = operands.V.Pointer;
        if (batch.Cache is { } cache)
        {
            KernelDriver.Run(_context, new AppendToCache(keys, values, batch, cache, layer), batch.Rows, 16);
            return new(batch, cache, layer);
        }

        var packed = operands.PackedKeys ?? throw new ArgumentException("Attention without a cache needs room for packed keys.", nameof(operands));
        RequireShape(packed, AttentionOperands.PackedShape(batch, operands.K.Shape.Last));
        Pack(keys, batch, operands, packed);
        return new(batch, packed.Pointer, values, operands.KVHeads, operands.HeadDim);
    }

    private void Pack(float* rows, AttentionBatch batch, in AttentionOperands operands, Tensor packed) =>
        KernelDriver.Run(_context, new PackKeys(rows, batch, operands.KVHeads, operands.HeadDim, packed.Pointer), batch.PackedBlocks, 4);

    private static int RowsOf(Tensor x, int columns) => checked((int)(x.Shape.Count / columns));

    /// <summary>Rows in a chunk, about as much work as <see cref="ElementGrain"/> is.</summary>
    private static int RowGrain(int columns) => Math.Max(1, ElementGrain * 16 / Math.Max(1, columns));
}
