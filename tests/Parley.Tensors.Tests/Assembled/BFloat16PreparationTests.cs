using Parley.Testing;

namespace Parley.Tensors.Tests;

/// <summary>How BF16 weights come to their panels: at the first product or before, again after a change, and never in exact arithmetic.</summary>
public sealed class BFloat16PreparationTests
{
    private static readonly Shape Size = new(40, 36);

    [Fact]
    public void Weights_prepared_before_or_at_the_first_product_give_the_same_bits()
    {
        using Tensor x = Numbers.Tensor(1, 3, 36);
        using ComputeContext context = new(2, arithmetic: Arithmetic.Fast);
        using Parameter first = Stored(DType.BF16, 2), second = Stored(DType.BF16, 2), plain = Stored(DType.F16, 3);
        float last = 0;
        context.Device.Prepare([first, plain, Stored(DType.BF16, 4)], new Sink(share => last = (float)share));
        Assert.Equal(1, last);
        Numbers.SameBits(Multiply(context, x, second), Multiply(context, x, first));
    }

    [Fact]
    public void A_changed_weight_is_repacked()
    {
        using Tensor x = Numbers.Tensor(1, 3, 36);
        using ComputeContext context = new(1, arithmetic: Arithmetic.Fast);
        using Parameter weight = Stored(DType.BF16, 2);
        Multiply(context, x, weight);
        weight.Value.Fill(0);
        weight.MarkChanged();
        Assert.All(Multiply(context, x, weight), value => Assert.Equal(0, value));
    }

    [Fact]
    public void Several_maps_of_one_input_are_each_as_alone_whatever_their_types()
    {
        using Tensor x = Numbers.Tensor(1, 7, 64);
        using ComputeContext context = new(2, arithmetic: Arithmetic.Fast);
        DType[] types = [DType.BF16, DType.Q8_0, DType.BF16];
        Parameter[] weights = [.. types.Select((type, i) => Stored(type, (ulong)i + 2, new Shape(20 + i, 64)))];
        Tensor[] outputs = [.. weights.Select(weight => Tensor.Allocate(new Shape(7, weight.Value.Shape[0])))];
        context.Device.Linear(x, [.. weights.Select(weight => new Projection(weight))], outputs);
        for (int i = 0; i < weights.Length; i++)
        {
            Numbers.SameBits(Multiply(context, x, weights[i]), outputs[i].ToHost());
            outputs[i].Dispose();
            weights[i].Dispose();
        }
    }

    [Fact]
    public void Rounded_activations_stay_near_exact_products()
    {
        using Tensor x = Numbers.Tensor(1, 5, 512);
        using ComputeContext exact = new(1), fast = new(1, arithmetic: Arithmetic.Fast);
        using Parameter weight = Stored(DType.BF16, 2, new Shape(64, 512));
        float[] expected = Multiply(exact, x, weight), actual = Multiply(fast, x, weight);
        double error = Math.Sqrt(expected.Zip(actual, (a, b) => Math.Pow((double)a - b, 2)).Sum() / expected.Sum(a => (double)a * a));
        Assert.InRange(error, 1e-5, 4e-3);
    }

    [Fact]
    public void A_repeated_product_allocates_nothing()
    {
        using Tensor x = Numbers.Tensor(1, 9, 36), output = Tensor.Allocate(new Shape(9, 40));
        using ComputeContext context = new(2, arithmetic: Arithmetic.Fast);
        using Parameter weight = Stored(DType.BF16, 2);
        context.Device.Linear(x, weight, null, output);
        Assert.Equal(0, Allocations.Least(50, () => context.Device.Linear(x, weight, null, output)));
    }

    private static Parameter Stored(DType type, ulong seed, Shape? shape = null)
    {
        Shape size = shape ?? Size;
        Tensor stored = Tensor.Allocate(size, type);
        stored.CopyFrom(Numbers.Normal((int)size.Count, seed));
        return new Parameter("w", stored);
    }

    private static float[] Multiply(ComputeContext context, Tensor x, Parameter weight)
    {
        using Tensor output = Tensor.Allocate(new Shape(x.Shape.Rows, weight.Value.Shape[0]));
        context.Device.Linear(x, weight, null, output);
        return output.ToArray();
    }

    private sealed class Sink(Action<double> report) : IProgress<double>
    {
        public void Report(double value) => report(value);
    }
}
