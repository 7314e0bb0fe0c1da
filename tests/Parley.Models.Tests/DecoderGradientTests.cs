using Parley.Tensors;

namespace Parley.Models.Tests;

/// <summary>
/// Every parameter's gradient against central differences of the double-precision reference along a random direction: the
/// difference quotient is then exact to about 1e-9 and only the decoder's own rounding is left.
/// </summary>
public sealed class DecoderGradientTests
{
    [Theory]
    [InlineData(false, RotaryStyle.Neox)]
    [InlineData(true, RotaryStyle.Neox)]
    [InlineData(true, RotaryStyle.Interleaved)]
    public void Every_gradient_agrees_with_finite_differences(bool tied, RotaryStyle style)
    {
        using var decoder = TinyModels.Lively(TinyModels.Config(tied, style));
        using var run = new DecoderRun(decoder);
        var tokens = TinyModels.Tokens(25, 48);
        var (input, targets) = (tokens[..24], tokens[1..]);
        foreach (var parameter in decoder.Parameters)
        {
            parameter.RequireGradient();
        }

        var weights = TinyModels.Weights(decoder);
        Assert.Equal(ReferenceDecoder.Loss(decoder.Config, weights, input, targets), run.Loss(input, targets, gradients: true), 1e-5);
        foreach (var (parameter, stream) in decoder.Parameters.Select((parameter, index) => (parameter, (ulong)index)))
        {
            var direction = Direction(parameter.Value.Shape, stream);
            var expected = Slope(decoder.Config, weights, parameter.Name, direction, input, targets);
            var actual = parameter.Gradient!.ToArray().Zip(direction, (g, d) => (double)g * d).Sum();
            var scale = Norm(parameter.Gradient.ToArray()) * Norm(direction) / Math.Sqrt(direction.Length);
            Assert.True(Math.Abs(expected - actual) <= 1e-3 * scale, $"{parameter.Name}: {actual:R} where differences give {expected:R} (scale {scale:E2}).");
            Assert.True(scale > 1e-6, $"{parameter.Name} has no gradient.");
        }
    }

    private static double Slope(
        ModelConfig config, Dictionary<string, float[]> weights, string name, float[] direction, int[] input, int[] targets)
    {
        // A power of two, so that weight +- step * direction loses few bits in the float it is stored in.
        const float step = 1f / 256;
        double At(float sign) => ReferenceDecoder.Loss(config, Moved(weights, name, direction, sign * step), input, targets);
        double Far(float sign) => ReferenceDecoder.Loss(config, Moved(weights, name, direction, 2 * sign * step), input, targets);

        // Richardson: the error of the central difference falls from step^2 to step^4.
        return ((8 * (At(1) - At(-1))) - (Far(1) - Far(-1))) / (12 * step);
    }

    private static Dictionary<string, float[]> Moved(Dictionary<string, float[]> weights, string name, float[] direction, float step) =>
        new(weights, StringComparer.Ordinal) { [name] = [.. weights[name].Zip(direction, (weight, d) => weight + (step * d))] };

    private static float[] Direction(Shape shape, ulong stream)
    {
        using var tensor = Tensor.Allocate(shape);
        Philox.FillNormal(tensor, 11, stream, 1f / MathF.Sqrt(shape.Count));
        return tensor.ToArray();
    }

    private static double Norm(float[] values) => Math.Sqrt(values.Sum(value => (double)value * value));
}
