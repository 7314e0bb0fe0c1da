using Parley.Tensors.Autograd;
using static Parley.Tensors.Tests.GradientCheck;

namespace Parley.Tensors.Tests;

/// <summary>The operations that only training has: gradients against finite differences, masks, recomputation, bits at every width.</summary>
public sealed class TrainingOperationTests
{
    private static readonly Lazy<List<float[]>> Reference = new(() => Results(KernelSet.Reference, 1));

    public static TheoryData<KernelSet, int> Sets => Variants.All;

    [Fact]
    public void Relu2_has_the_gradient_of_differences()
    {
        using var x = Random("x", new(5, 37), 1);
        GradientCheck.Assert([x], operations => Project(operations, operations.Relu2(Activation(operations, x))), step: 0.002);
    }

    [Fact]
    public void A_capped_loss_has_the_gradient_of_differences()
    {
        using Parameter hidden = Random("hidden", new(9, 24), 1), head = Random("head", new(37, 24), 2);
        int[] targets = [3, 1, -1, 4, 36, 0, 7, 7, 2];
        GradientCheck.Assert([hidden, head], operations =>
            operations.CrossEntropy(Activation(operations, hidden), head, targets, default, 0.25f, softCap: 3));
    }

    [Fact]
    public void A_cap_far_above_all_logits_changes_little_and_a_low_one_much()
    {
        using Parameter hidden = Random("hidden", new(3, 24), 1), head = Random("head", new(37, 24), 2);
        using var context = new ComputeContext(1);
        using var arena = new Arena();
        var operations = new Operations(context, arena);
        double Loss(float cap) => operations.CrossEntropy(hidden.Value, head, new[] { 1, 2, 3 }, default, 1, softCap: cap);
        Xunit.Assert.Equal(Loss(0), Loss(1e4f), 1e-2);
        Xunit.Assert.Equal(3 * Math.Log(37), Loss(1e-4f), 1e-2);
    }

    [Theory, MemberData(nameof(Sets))]
    public void Every_variant_agrees_with_the_scalar_reference(KernelSet set, int threads)
    {
        foreach (var (expected, actual) in Reference.Value.Zip(Results(set, threads))) Variants.SameBits(expected, actual);
    }

    [Fact]
    public void Dropout_keeps_the_share_it_says_and_sends_gradients_through_the_same_elements()
    {
        using var context = new ComputeContext(2);
        using var arena = new Arena();
        var tape = new Tape();
        using var table = new Parameter("x", Tensor.Allocate(new(300, 50)));
        table.Value.Fill(1);
        table.RequireGradient();
        var operations = new Operations(context, arena, tape) { Treatment = new() { DropoutRate = 0.2f, Seed = 5, Step = 3, Shard = 1 } };
        var output = operations.Dropout(Activation(operations, table), place: 4);
        var ones = arena.Take(output.Shape);
        ones.Fill(1);
        tape.Seed(output, ones);
        var values = output.ToArray();
        tape.Backward();
        Variants.SameBits(values, table.Gradient!.ToArray());
        Xunit.Assert.All(values, value => Xunit.Assert.True(value is 0 or 1.25f));
        Xunit.Assert.Equal(0.2, values.Count(value => value == 0) / (double)values.Length, 0.02);
    }

    [Fact]
    public void Another_step_shard_place_or_seed_drops_other_elements_and_serving_none()
    {
        var plain = new ForwardTreatment { DropoutRate = 0.5f, Seed = 5, Step = 3, Shard = 1 };
        using var context = new ComputeContext(1);
        using var arena = new Arena();
        var x = arena.Take(new(8, 32));
        x.Fill(1);
        float[] Drop(ForwardTreatment treatment, int place, bool taped = true) =>
            new Operations(context, arena, taped ? new Tape() : null) { Treatment = treatment }.Dropout(x, place).ToArray();
        var first = Drop(plain, 2);
        Xunit.Assert.Equal(first, Drop(plain, 2));
        foreach (var (treatment, place) in new[] { (plain, 3), (plain with { Step = 4 }, 2), (plain with { Shard = 2 }, 2), (plain with { Seed = 6 }, 2) })
            Xunit.Assert.NotEqual(first, Drop(treatment, place));
        Xunit.Assert.All(Drop(plain, 2, taped: false), value => Xunit.Assert.Equal(1, value));
    }

    [Fact]
    public void What_is_computed_again_has_the_bits_of_what_was_kept()
    {
        using Parameter x = Random("x", new(6, 32), 1), norm = Random("norm", new(32), 2), weight = Random("weight", new(32, 32), 3);
        Parameter[] parameters = [x, norm, weight];
        Tensor Layer(Operations operations, Tensor input)
        {
            var branch = operations.Gelu(operations.Linear(operations.RmsNorm(input, norm, 1e-5f), weight));
            return operations.Residual(input, operations.Dropout(branch, 1));
        }

        float[][] Run(bool again)
        {
            using var context = new ComputeContext(2);
            using var arena = new Arena();
            var tape = new Tape();
            var operations = new Operations(context, arena, tape) { Treatment = new() { DropoutRate = 0.1f, Seed = 1 } };
            foreach (var parameter in parameters) parameter.RequireGradient().Fill(0);
            var stream = Activation(operations, x);
            for (var layer = 0; layer < 3; layer++) stream = again ? operations.Recompute(stream, Layer) : Layer(operations, stream);
            Project(operations, stream);
            var output = stream.ToArray();
            tape.Backward();
            return [output, .. parameters.Select(parameter => parameter.Gradient!.ToArray())];
        }

        foreach (var (kept, computed) in Run(again: false).Zip(Run(again: true))) Variants.SameBits(kept, computed);
    }

    private static List<float[]> Results(KernelSet set, int threads)
    {
        using var context = new ComputeContext(threads, set);
        using Tensor x = Variants.Normal(new(300, 45), 1), gradient = Variants.Normal(x.Shape, 2), output = Variants.Normal(x.Shape, 4);
        var results = new List<float[]>();
        var device = context.Device.Training;
        device.Relu2(x, output);
        results.Add(output.ToArray());
        device.Relu2Gradient(gradient, x, output, accumulate: true);
        results.Add(output.ToArray());
        device.SoftCapGradient(output, x, 5);
        results.Add(output.ToArray());
        device.Dropout(x, new DropoutMask(0.3f, 1, 2), output, accumulate: true);
        results.Add(output.ToArray());
        return results;
    }

    private static Parameter Random(string name, Shape shape, ulong stream) => new(name, Variants.Normal(shape, stream));
}
