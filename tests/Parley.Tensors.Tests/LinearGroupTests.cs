namespace Parley.Tensors.Tests;

/// <summary>Maps of one input that share a dispatch have the bits that each has by itself, on every kernel set and any number of threads.</summary>
public sealed class LinearGroupTests
{
    /// <summary>Rows, inputs: few rows, so many that chunks take their rows themselves with up to three threads, and edges on every side.</summary>
    public static TheoryData<int, int, DType> Shapes => new()
    {
        { 5, 33, DType.F32 }, { 801, 40, DType.F32 }, { 5, 33, DType.BF16 }, { 801, 40, DType.BF16 },
    };

    private static readonly int[] Outputs = [96, 17, 400, 401];

    [Theory]
    [MemberData(nameof(Shapes))]
    public void Maps_of_one_input_are_what_each_is_alone(int rows, int inputs, DType products)
    {
        using Tensor x = Numbers.Tensor(1, rows, inputs);
        using MapSet maps = new(rows, inputs, Outputs);
        ForEachContext(products, context =>
        {
            using Tensor kept = Tensor.Allocate(context.Device.KeptShape(x.Shape));
            context.Device.Linear(x, maps.Projections, maps.Targets, exact: true, kept);
            for (int i = 0; i < Outputs.Length; i++)
            {
                using Tensor alone = Tensor.Allocate(maps.Targets[i].Shape);
                context.Device.Linear(x, maps.Projections[i].Weight, maps.Projections[i].Bias, alone, exact: true);
                Numbers.SameBits(alone.ToHost(), maps.Targets[i].ToHost());
            }
        });
    }

    [Theory]
    [MemberData(nameof(Shapes))]
    public void Gradients_of_all_maps_are_those_of_one_after_another(int rows, int inputs, DType products)
    {
        using Tensor x = Numbers.Tensor(1, rows, inputs);
        using MapSet maps = new(rows, inputs, Outputs);
        using MapSet apart = new(rows, inputs, Outputs);
        using Parameter frozen = new("frozen", Numbers.Tensor(77, 400, inputs)); // takes part in the input's gradient, has none of its own
        LinearGradient[] together = [.. maps.Gradients, new(maps.Targets[2], frozen)];
        ForEachContext(products, context =>
        {
            using Tensor expected = Numbers.Tensor(9, rows, inputs), actual = Numbers.Tensor(9, rows, inputs), again = Numbers.Tensor(9, rows, inputs);
            using Tensor kept = Tensor.Allocate(context.Device.KeptShape(x.Shape));
            context.Device.Linear(x, maps.Projections[..1], [Numbers.Tensor(3, rows, Outputs[0])], exact: true, kept);
            bool first = true;
            foreach ((Tensor gradient, Parameter weight, Parameter? bias) in apart.Gradients)
            {
                context.Device.LinearInputGradient(gradient, weight, expected, accumulate: !first);
                context.Device.LinearWeightGradient(gradient, x, weight.Gradient!);
                context.Device.LinearBiasGradient(gradient, bias!.Gradient!);
                first = false;
            }

            context.Device.LinearInputGradient(together[^1].OutputGradient, frozen, expected, accumulate: true);
            context.Device.LinearGradients(x, kept, together, actual);
            Numbers.SameBits(expected.ToHost(), actual.ToHost());
            maps.HasGradientsOf(apart);
            context.Device.LinearGradients(x, null, together[^1..], again);
            context.Device.LinearGradients(x, null, together[^1..], again, accumulate: true);
            context.Device.LinearInputGradient(together[^1].OutputGradient, frozen, expected);
            context.Device.LinearInputGradient(together[^1].OutputGradient, frozen, expected, accumulate: true);
            Numbers.SameBits(expected.ToHost(), again.ToHost());
        });
    }

    [Theory]
    [MemberData(nameof(Shapes))]
    public void Gelu_of_rows_that_are_done_is_gelu_of_all(int rows, int inputs, DType products)
    {
        using Tensor x = Numbers.Tensor(1, rows, inputs);
        using MapSet maps = new(rows, inputs, [401]), apart = new(rows, inputs, [401]);
        using Tensor raised = Tensor.Allocate(maps.Targets[0].Shape), expected = Tensor.Allocate(raised.Shape), activated = Tensor.Allocate(raised.Shape);
        using Tensor slopes = Tensor.Allocate(x.Shape), through = Tensor.Allocate(x.Shape);
        Projection map = maps.Projections[0];
        ForEachContext(products, context =>
        {
            context.Device.Linear(x, map.Weight, map.Bias, maps.Targets[0], exact: true);
            context.Device.Gelu(maps.Targets[0], null, expected);
            context.Device.LinearGelu(x, map, raised, activated);
            Numbers.SameBits(maps.Targets[0].ToHost(), raised.ToHost());
            Numbers.SameBits(expected.ToHost(), activated.ToHost());
            context.Device.LinearGradients(x, null, apart.Gradients, slopes);
            context.Device.GeluGradient(slopes, x, null, slopes, null, default);
            context.Device.LinearGradients(x, null, [new(apart.Targets[0], map.Weight, map.Bias)], through, gelu: x);
            Numbers.SameBits(slopes.ToHost(), through.ToHost());
            maps.HasGradientsOf(apart);
        });
    }

    [Fact]
    public void A_gradient_that_is_added_to_cannot_go_on_through_gelu()
    {
        using Tensor x = Tensor.Allocate(new Shape(20, 10)), gradient = Tensor.Allocate(new Shape(20, 30)), target = Tensor.Allocate(x.Shape);
        using Parameter weight = new("w", Tensor.Allocate(new Shape(30, 10)));
        using ComputeContext context = new(1);
        ArgumentException exception = Assert.Throws<ArgumentException>(
            () => context.Device.LinearGradients(x, null, [new(gradient, weight)], target, accumulate: true, gelu: x));
        Assert.Contains("GELU", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void What_was_kept_of_another_input_is_refused()
    {
        using Tensor x = Tensor.Allocate(new Shape(20, 10)), gradient = Tensor.Allocate(new Shape(20, 30)), target = Tensor.Allocate(x.Shape);
        using Parameter weight = new("w", Tensor.Allocate(new Shape(30, 10)));
        using ComputeContext context = new(1);
        using Tensor kept = Tensor.Allocate(context.Device.KeptShape(new Shape(21, 10)));
        ArgumentException exception = Assert.Throws<ArgumentException>(() => context.Device.LinearGradients(x, kept, [new(gradient, weight)], target));
        Assert.Contains("kept", exception.Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => context.Device.Linear(x, [new Projection(weight)], [gradient], exact: true, kept));
    }

    private static void ForEachContext(DType products, Action<ComputeContext> body)
    {
        foreach (KernelSet set in Variants.Sets)
        {
            foreach (int threads in new[] { 1, 2, 3 })
            {
                using ComputeContext context = new(threads, set, products: products);
                body(context);
            }
        }
    }

    /// <summary>Weights, biases, and a tensor for each map that is its output or the gradient of it.</summary>
    private sealed class MapSet : IDisposable
    {
        public MapSet(int rows, int inputs, int[] outputs)
        {
            Projections = [.. outputs.Select((n, i) => new Projection(new Parameter("w", Numbers.Tensor(20 + (ulong)i, n, inputs)), Bias(n, 40 + (ulong)i)))];
            Targets = [.. outputs.Select((n, i) => Numbers.Tensor(60 + (ulong)i, rows, n))];
            foreach (Parameter parameter in Projections.SelectMany(map => new[] { map.Weight, map.Bias! }))
            {
                parameter.RequireGradient().Fill(0.5f);
            }
        }

        public Projection[] Projections { get; }

        public Tensor[] Targets { get; }

        public LinearGradient[] Gradients => [.. Projections.Select((map, i) => new LinearGradient(Targets[i], map.Weight, map.Bias))];

        public void HasGradientsOf(MapSet other)
        {
            foreach ((Projection expected, Projection actual) in other.Projections.Zip(Projections))
            {
                Numbers.SameBits(expected.Weight.Gradient!.ToHost(), actual.Weight.Gradient!.ToHost());
                Numbers.SameBits(expected.Bias!.Gradient!.ToHost(), actual.Bias!.Gradient!.ToHost());
            }
        }

        public void Dispose()
        {
            foreach ((Projection map, Tensor target) in Projections.Zip(Targets))
            {
                map.Weight.Dispose();
                map.Bias!.Dispose();
                target.Dispose();
            }
        }

        private static Parameter Bias(int count, ulong seed) => new("b", Tensor.FromHost(new Shape(count), Numbers.Normal(count, seed)));
    }
}
