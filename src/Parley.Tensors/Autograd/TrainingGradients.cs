namespace Parley.Tensors.Autograd;

/// <summary>The backward half of <see cref="TrainingOperations"/>, recorded on the tape.</summary>
internal static class TrainingGradients
{
    internal static void Relu2(Operations operations, Tape tape, Tensor x, Tensor output) =>
        tape.Record(output, () =>
        {
            if (tape.Gradient(output) is not { } gradient) return;
            var target = tape.GradientFor(x, out var accumulate);
            operations.Device.Training.Relu2Gradient(gradient, x, target, accumulate);
        });

    internal static void Dropout(Operations operations, Tape tape, Tensor x, DropoutMask mask, Tensor output) =>
        tape.Record(output, () =>
        {
            if (tape.Gradient(output) is not { } gradient) return;
            var target = tape.GradientFor(x, out var accumulate);
            operations.Device.Training.Dropout(gradient, mask, target, accumulate);
        });
}
