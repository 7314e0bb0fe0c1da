using Parley.Tensors.Autograd;

namespace Parley.Tensors.Tests;

/// <summary>
/// Compares gradients with central differences along directions that lean towards the gradient, so that the derivative stands out of
/// fp32's noise, plus a random part that tests every element. Two step sizes and Richardson's extrapolation take out the h^2 term.
/// </summary>
internal static class GradientCheck
{
    private const double Tolerance = 1e-3;

    /// <summary>Checks loss(operations) by every parameter; the loss may also seed the tape.</summary>
    internal static void Assert(Parameter[] parameters, Func<Operations, double> loss, double step = 0.02)
    {
        using var context = new ComputeContext(2);
        using var arena = new Arena();
        var tape = new Tape();
        foreach (var parameter in parameters) parameter.RequireGradient().Fill(0);
        loss(new Operations(context, arena, tape));
        tape.Backward();
        double Value()
        {
            arena.Reset();
            return loss(new Operations(context, arena));
        }

        foreach (var parameter in parameters) Check(parameter, Value, step);
    }

    /// <summary>Sum of an output times fixed random numbers: a loss whose gradient by the output is those numbers.</summary>
    internal static double Project(Operations operations, Tensor output)
    {
        using var factors = Variants.Normal(output.Shape, 77);
        if (operations.Tape is { } tape)
        {
            var gradient = operations.Arena.Take(output.Shape);
            gradient.CopyFrom(factors);
            tape.Seed(output, gradient);
        }

        return output.ToArray().Zip(factors.ToArray(), (a, b) => (double)a * b).Sum();
    }

    /// <summary>The whole of a parameter as an activation whose gradient comes back to the parameter.</summary>
    internal static Tensor Activation(Operations operations, Parameter parameter) =>
        operations.Embedding(parameter, Enumerable.Range(0, parameter.Value.Shape.Rows).ToArray());

    private static void Check(Parameter parameter, Func<double> value, double step)
    {
        float[] gradient = parameter.Gradient!.ToArray(), origin = parameter.Value.ToArray();
        var length = Math.Sqrt(gradient.Sum(g => (double)g * g));
        Xunit.Assert.True(length > 1e-6, $"The gradient of {parameter.Name} is zero.");
        for (ulong trial = 0; trial < 3; trial++)
        {
            using var random = Variants.Normal(parameter.Value.Shape, 1000 + trial, (float)(1 / Math.Sqrt(gradient.Length)));
            double[] direction = [.. random.ToArray().Select((r, i) => r + gradient[i] / length)];
            double Slope(double h) => (At(h) - At(-h)) / (2 * h);
            double At(double h)
            {
                parameter.Value.CopyFrom([.. origin.Select((w, i) => (float)(w + h * direction[i]))]);
                parameter.MarkChanged();
                return value();
            }

            var measured = (4 * Slope(step / 2) - Slope(step)) / 3;
            var expected = gradient.Select((g, i) => g * direction[i]).Sum();
            var error = Math.Abs(measured - expected) / Math.Abs(expected);
            Xunit.Assert.True(error <= Tolerance, $"{parameter.Name}: {expected} computed, {measured} measured, relative error {error:G3}.");
        }

        parameter.Value.CopyFrom(origin);
        parameter.MarkChanged();
    }
}
