using System.Runtime.InteropServices;

namespace Parley.Tensors.Autograd;

/// <summary>
/// The backward half of each operation, recorded on the tape. Apart from <see cref="Operations"/> because a method with a lambda allocates
/// for its captures even when it records nothing, and inference must not.
/// </summary>
internal static class Gradients
{
    internal static void Embedding(Operations operations, Tape tape, Parameter table, ReadOnlyMemory<int> tokens, Tensor output) =>
        tape.Record(output, () =>
        {
            if (tape.Gradient(output) is { } gradient && table.Gradient is { } sum) operations.Device.ScatterAdd(gradient, tokens, sum);
        });

    internal static void RmsNorm(Operations operations, Tape tape, Tensor x, Parameter weight, Tensor inverse, Tensor output) =>
        tape.Record(output, () =>
        {
            if (tape.Gradient(output) is not { } gradient) return;
            if (weight.Gradient is { } sum) operations.Device.RmsNormWeightGradient(gradient, x, inverse, sum);
            var target = tape.GradientFor(x, out var accumulate);
            operations.Device.RmsNormInputGradient(gradient, x, weight.Value, inverse, target, accumulate);
        });

    internal static void LayerNorm(
        Operations operations, Tape tape, Tensor x, (Parameter Weight, Parameter Bias) map, Tensor statistics, Tensor output) =>
        tape.Record(output, () =>
        {
            if (tape.Gradient(output) is not { } gradient) return;
            if (map.Weight.Gradient is { } weight && map.Bias.Gradient is { } bias)
            {
                operations.Device.LayerNormWeightGradient(gradient, x, statistics, weight, bias);
            }

            var target = tape.GradientFor(x, out var accumulate);
            operations.Device.LayerNormInputGradient(gradient, x, map.Weight.Value, statistics, target, accumulate);
        });

    /// <summary>Maps of one input, whose gradients are computed together when that of the last one's output has come: the others' have by then.</summary>
    internal static void Linear(Operations operations, Tape tape, Tensor x, Tensor? kept, params (Projection Map, Tensor Output)[] maps)
    {
        foreach (var (_, output) in maps[..^1]) tape.Record(output, static () => { });
        tape.Record(maps[^1].Output, () =>
        {
            var arrived = new List<LinearGradient>(maps.Length);
            for (var i = maps.Length - 1; i >= 0; i--)
            {
                var (map, output) = maps[i];
                if (tape.Gradient(output) is { } gradient) arrived.Add(new(gradient, map.Weight, map.Bias));
            }

            if (arrived.Count == 0) return;
            var target = tape.GradientFor(x, out var accumulate);
            operations.Device.LinearGradients(x, kept, CollectionsMarshal.AsSpan(arrived), target, accumulate);
        });
    }

    /// <summary>A map of GELU(raised), whose gradient goes to raised at once.</summary>
    internal static void GeluLinear(Operations operations, Tape tape, (Tensor Raised, Tensor Activated) gelu, Tensor? kept, Projection map, Tensor output) =>
        tape.Record(output, () =>
        {
            if (tape.Gradient(output) is not { } gradient) return;
            var target = tape.GradientFor(gelu.Raised, out _); // nobody else has seen it
            operations.Device.LinearGradients(gelu.Activated, kept, [new(gradient, map.Weight, map.Bias)], target, gelu: gelu.Raised);
        });

    internal static void Rope(
        Operations operations, Tape tape, Tensor x, int heads, RotaryTable table, ReadOnlyMemory<int> positions, Tensor output) =>
        tape.Record(output, () =>
        {
            if (tape.Gradient(output) is not { } gradient) return;
            var target = tape.GradientFor(x, out var accumulate);
            operations.Device.Rope(gradient, heads, table, positions, target, backward: true, accumulate);
        });

    internal static void Attention(Operations operations, Tape tape, AttentionOperands operands, AttentionBatch batch) =>
        tape.Record(operands.Output, () =>
        {
            if (tape.Gradient(operands.Output) is not { } gradient) return;
            if (operands.PackedKeys is not { } packed) throw new InvalidOperationException("Attention over a cache has no gradient.");
            var targets = AttentionTargets(tape, operands.Q, operands.K, operands.V);
            var mark = operations.Arena.Mark();
            var dots = operations.Arena.Take(operands.Maxima.Shape);
            operations.Device.AttentionGradient(operands, batch, gradient, targets, dots, operations.Arena.Take(packed.Shape));
            operations.Arena.Release(mark);
        });

    // One tensor in two places takes all contributions in whatever order the tiles come, so none of them may be stored over another.
    private static AttentionGradients AttentionTargets(Tape tape, Tensor q, Tensor k, Tensor v) => q == k || q == v || k == v
        ? new(tape.GradientToAddTo(q), tape.GradientToAddTo(k), tape.GradientToAddTo(v), (true, true, true))
        : new(tape.GradientFor(q, out var addQ), tape.GradientFor(k, out var addK), tape.GradientFor(v, out var addV), (addQ, addK, addV));

    internal static void SwiGlu(Operations operations, Tape tape, Tensor gate, Tensor up, Tensor output) =>
        tape.Record(output, () =>
        {
            if (tape.Gradient(output) is not { } gradient) return;
            var gateTarget = tape.GradientFor(gate, out var addGate);
            var upTarget = tape.GradientFor(up, out var addUp);
            operations.Device.SwiGluGradient(gradient, gate, up, gateTarget, upTarget, (addGate, addUp));
        });

    internal static void Gelu(Operations operations, Tape tape, Tensor gate, Tensor? up, Tensor output) =>
        tape.Record(output, () =>
        {
            if (tape.Gradient(output) is not { } gradient) return;
            var gateTarget = tape.GradientFor(gate, out var addGate);
            var addUp = false;
            var upTarget = up is null ? null : tape.GradientFor(up, out addUp);
            operations.Device.GeluGradient(gradient, gate, up, gateTarget, upTarget, (addGate, addUp));
        });

    internal static void Scale(Operations operations, Tape tape, Tensor x, float factor, Tensor output) =>
        tape.Record(output, () =>
        {
            if (tape.Gradient(output) is not { } gradient) return;
            var sum = tape.GradientToAddTo(x);
            operations.Device.AddScaled(sum, gradient, factor, sum);
        });

    internal static void Add(Operations operations, Tape tape, Tensor a, Tensor b, Tensor output) =>
        tape.Record(output, () =>
        {
            if (tape.Gradient(output) is not { } gradient) return;
            PassOn(operations, tape, b, gradient);
            PassOn(operations, tape, a, gradient);
        });

    internal static void Residual(Operations operations, Tape tape, (Tensor Stream, Tensor Branch, float Scale) terms, Tensor output) =>
        tape.Record(output, () =>
        {
            if (tape.Gradient(output) is not { } gradient) return;
            if (terms.Scale == 1)
            {
                PassOn(operations, tape, terms.Branch, gradient);
            }
            else
            {
                var sum = tape.GradientToAddTo(terms.Branch);
                operations.Device.AddScaled(sum, gradient, terms.Scale, sum);
            }

            PassOn(operations, tape, terms.Stream, gradient);
        });

    internal static void GatherRows(Operations operations, Tape tape, Tensor x, ReadOnlyMemory<int> rows, Tensor output) =>
        tape.Record(output, () =>
        {
            if (tape.Gradient(output) is { } gradient) operations.Device.ScatterAdd(gradient, rows, tape.GradientToAddTo(x));
        });

    /// <summary>
    /// Gives the gradient of an operation's output on to an input: as the input's own, which other inputs may share until one is added to, or added to what the input has.
    /// </summary>
    internal static void PassOn(Operations operations, Tape tape, Tensor target, Tensor gradient)
    {
        if (tape.Gradient(target) is null)
        {
            tape.Seed(target, gradient);
            return;
        }

        var sum = tape.GradientFor(target, out _);
        operations.Device.Add(sum, gradient, sum);
    }
}
