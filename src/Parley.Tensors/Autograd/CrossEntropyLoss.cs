namespace Parley.Tensors.Autograd;

/// <summary>
/// The last linear layer and its cross-entropy, forward and backward together, a chunk of rows at a time: the logits of all rows are never
/// held. Rows that do not count are left out before anything is computed. Reuses its arrays from call to call.
/// </summary>
internal sealed class CrossEntropyLoss(Operations operations)
{
    /// <summary>
    /// Logits in a chunk at most (104 MB), within the bounds on rows below: a chunk reads and writes the head's whole gradient, so few rows of a large
    /// vocabulary would wait for memory.
    /// </summary>
    private const int ChunkLogits = 26 << 20;

    private int[] _rows = [];
    private int[] _targets = [];
    private float[] _weights = [];
    private double[] _losses = [];

    internal double Run(
        Tensor hidden, Parameter head, ReadOnlySpan<int> targets, ReadOnlySpan<float> weights, float scale, float[]? rowLosses, float softCap = 0)
    {
        var count = Select(hidden.Shape.Rows, targets, weights, scale);
        rowLosses?.AsSpan().Clear();
        if (count == 0) return 0;
        var all = count == hidden.Shape.Rows;
        var active = all ? hidden : Gather(hidden, count);
        var gradient = operations.Tape is null ? null : operations.Arena.Take(active.Shape);
        Chunks(active, head, gradient, softCap);
        if (gradient is not null) Deliver(hidden, gradient, all);
        var sum = 0.0;
        for (var i = 0; i < count; i++)
        {
            sum += _losses[i] * (weights.IsEmpty ? 1 : weights[_rows[i]]);
            if (rowLosses is not null) rowLosses[_rows[i]] = (float)_losses[i];
        }

        return sum * scale;
    }

    /// <summary>Lists the rows that count, with target and gradient factor; returns how many.</summary>
    private int Select(int rows, ReadOnlySpan<int> targets, ReadOnlySpan<float> weights, float scale)
    {
        if (targets.Length != rows || (weights.Length != rows && !weights.IsEmpty))
        {
            throw new ArgumentException($"{rows} hidden rows were given with {targets.Length} targets and {weights.Length} weights.");
        }

        if (_rows.Length < rows) (_rows, _targets, _weights, _losses) = (new int[rows], new int[rows], new float[rows], new double[rows]);
        var count = 0;
        for (var row = 0; row < rows; row++)
        {
            var weight = weights.IsEmpty ? 1 : weights[row];
            if (targets[row] == -1 || weight == 0) continue;
            (_rows[count], _targets[count], _weights[count]) = (row, targets[row], weight * scale);
            count++;
        }

        return count;
    }

    private Tensor Gather(Tensor hidden, int count)
    {
        var active = operations.Arena.Take(new(count, hidden.Shape.Last));
        operations.Device.Gather(hidden, _rows.AsMemory(0, count), active);
        return active;
    }

    private void Chunks(Tensor active, Parameter head, Tensor? gradient, float softCap)
    {
        int count = active.Shape.Rows, vocabulary = head.Value.Shape[0];

        // A function of the vocabulary alone, because BF16 products pair rows: their bits must not depend on the machine. In fp32 the head's gradient is one chain over all chunks.
        var length = Math.Clamp(ChunkLogits / vocabulary, 64, 512);
        var buffer = operations.Arena.Take(new(Math.Min(length, count), vocabulary));
        var capped = softCap > 0 && gradient is not null ? operations.Arena.Take(buffer.Shape) : null;
        for (var first = 0; first < count; first += length)
        {
            var rows = Math.Min(length, count - first);
            var logits = operations.Arena.Rows(buffer, 0, rows);
            var inputs = operations.Arena.Rows(active, first, rows);
            var mark = operations.Arena.Mark();
            var kept = gradient is null || head.Gradient is null ? null : operations.Arena.Take(operations.Device.KeptShape(inputs.Shape));
            operations.Device.Linear(inputs, [new Projection(head)], [logits], kept: kept);
            var tops = capped is null ? null : operations.Arena.Rows(capped, 0, rows);
            if (softCap > 0) operations.Device.SoftCap(logits, softCap);
            tops?.CopyFrom(logits);
            var factors = gradient is null ? default : _weights.AsMemory(first, rows);
            operations.Device.CrossEntropy(logits, _targets.AsMemory(first, rows), factors, _losses.AsMemory(first, rows));
            if (gradient is null) continue;
            if (tops is not null) operations.Device.Training.SoftCapGradient(logits, tops, softCap);
            operations.Device.LinearGradients(inputs, kept, [new LinearGradient(logits, head)], operations.Arena.Rows(gradient, first, rows));
            operations.Arena.Release(mark);
        }
    }

    /// <summary>Adds the gradient of the rows that count to that of all hidden rows.</summary>
    private void Deliver(Tensor hidden, Tensor gradient, bool all)
    {
        var tape = operations.Tape!;
        if (!all) operations.Device.ScatterAdd(gradient, _rows.AsMemory(0, gradient.Shape.Rows), tape.GradientToAddTo(hidden));
        else Gradients.PassOn(operations, tape, hidden, gradient);
    }
}
