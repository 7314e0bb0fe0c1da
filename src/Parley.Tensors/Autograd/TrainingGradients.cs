namespace Parley.Tensors.Autograd;

/// <summary>The backward half of <see cref="TrainingOperations"/> and of LayerNorm, recorded on the tape.</summary>
internal static class TrainingGradients
{
    internal static void LayerNorm(
        Operations operations, Tape tape, (Tensor X, Parameter Weight, Parameter Bias, float Epsilon) inputs, Tensor output) =>
        tape.Record(() =>
        {
            if (tape.Gradient(output) is not { } gradient) return;
            var statistics = operations.Arena.Take(new(inputs.X.Shape.Rows, 2));
            var target = tape.GradientFor(inputs.X, out var accumulate);
            var device = operations.Device;
            device.Training.LayerNormInputGradient(gradient, inputs.X, inputs.Weight.Value, inputs.Epsilon, statistics, target, accumulate);
            if (inputs.Weight.Gradient is { } weightSum) device.Training.LayerNormWeightGradient(gradient, inputs.X, statistics, weightSum);
            if (inputs.Bias.Gradient is { } biasSum) device.LinearBiasGradient(gradient, biasSum);
        });

    internal static void Relu2(Operations operations, Tape tape, Tensor x, Tensor output) =>
        tape.Record(() =>
        {
            if (tape.Gradient(output) is not { } gradient) return;
            var target = tape.GradientFor(x, out var accumulate);
            operations.Device.Training.Relu2Gradient(gradient, x, target, accumulate);
        });

    internal static void Dropout(Operations operations, Tape tape, Tensor x, DropoutMask mask, Tensor output) =>
        tape.Record(() =>
        {
            if (tape.Gradient(output) is not { } gradient) return;
            var target = tape.GradientFor(x, out var accumulate);
            operations.Device.Training.Dropout(gradient, mask, target, accumulate);
        });
}
