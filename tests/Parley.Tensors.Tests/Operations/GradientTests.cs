using Parley.Tensors.Autograd;
using static Parley.Tensors.Tests.GradientCheck;

namespace Parley.Tensors.Tests;

/// <summary>The gradient of each operation against finite differences, and that gradients add up where a tensor is used twice.</summary>
public sealed class GradientTests
{
    [Fact]
    public void Embedding_with_repeated_tokens()
    {
        using var table = Random("table", new(5, 19), 1);
        GradientCheck.Assert([table], operations => Project(operations, operations.Embedding(table, new[] { 4, 0, 4, 2, 4, 1, 3 })));
    }

    [Fact]
    public void RmsNorm()
    {
        using Parameter x = Random("x", new(4, 21), 1), weight = Random("weight", new(21), 2);
        GradientCheck.Assert([x, weight], operations => Project(operations, operations.RmsNorm(Activation(operations, x), weight, 1e-5f)));
    }

    [Fact]
    public void RmsNorm_of_each_head()
    {
        using Parameter x = Random("x", new(4, 60), 1), weight = Random("weight", new(20), 2);
        GradientCheck.Assert([x, weight], operations => Project(operations, operations.RmsNorm(Activation(operations, x), weight, 1e-5f)));
    }

    [Fact]
    public void LayerNorm()
    {
        using Parameter x = Random("x", new(4, 21), 1), weight = Random("weight", new(21), 2), bias = Random("bias", new(21), 3);
        GradientCheck.Assert([x, weight, bias], operations => Project(operations, operations.LayerNorm(Activation(operations, x), weight, bias, 1e-5f)));
    }

    [Fact]
    public void Gelu_and_GeGlu()
    {
        using Parameter gate = Random("gate", new(3, 21), 1), up = Random("up", new(3, 21), 2);
        GradientCheck.Assert([gate], operations => Project(operations, operations.Gelu(Activation(operations, gate))));
        GradientCheck.Assert([gate, up], operations =>
            Project(operations, operations.GeGlu(Activation(operations, gate), Activation(operations, up))));
    }

    [Theory]
    [InlineData(1f)]
    [InlineData(0.4f)]
    public void Residuals_and_scales(float scale)
    {
        using Parameter x = Random("x", new(3, 21), 1), branch = Random("branch", new(3, 21), 2);
        GradientCheck.Assert([x, branch], operations =>
        {
            Tensor stream = Activation(operations, x), added = Activation(operations, branch);
            return Project(operations, operations.Residual(operations.Scale(stream, 3), operations.SwiGlu(added, added), scale));
        });
    }

    [Fact]
    public void A_gradient_that_two_tensors_share_is_not_changed_for_both()
    {
        using Parameter x = Random("x", new(3, 21), 1), y = Random("y", new(3, 21), 2);
        GradientCheck.Assert([x, y], operations =>
        {
            // Backwards the sums come first: x and y hold the gradient of both, when the doubled x adds to that of x alone.
            Tensor left = Activation(operations, x), right = Activation(operations, y), twice = operations.Add(left, left);
            return Project(operations, operations.Add(operations.Add(left, right), twice));
        });
    }

    [Fact]
    public void Attention_of_one_tensor_in_all_places()
    {
        using var x = Random("x", new(70, 32), 1);
        GradientCheck.Assert([x], operations =>
        {
            var one = Activation(operations, x);
            return Project(operations, operations.Attention(one, one, one, AttentionBatch.Whole(1, 70), layer: 0, headDim: 16));
        });
    }

    [Fact]
    public void What_is_computed_again_leaves_a_shared_gradient_alone()
    {
        using Parameter x = Random("x", new(3, 21), 1), y = Random("y", new(3, 21), 2), weight = Random("weight", new(21), 3);
        GradientCheck.Assert([x, y, weight], operations =>
        {
            Tensor kept = Activation(operations, y), stream = Activation(operations, x);
            Tensor Layer(Operations inner, Tensor input) => inner.Add(input, inner.Gelu(inner.RmsNorm(input, weight, 1e-5f)));
            return Project(operations, operations.Add(operations.Tape is null ? Layer(operations, stream) : operations.Recompute(stream, Layer), kept));
        });
    }

    [Fact]
    public void Rope_of_a_part_of_each_head_with_a_magnitude()
    {
        using var x = Random("x", new(3, 40), 1);
        using var table = new RotaryTable(20, 50, [1, 0.3, 0.05], magnitude: 1.25);
        GradientCheck.Assert([x], operations =>
            Project(operations, operations.Rope(Activation(operations, x), 2, table, new[] { 0, 5, 49 })));
    }

    [Theory]
    [InlineData(RotaryStyle.Neox)]
    [InlineData(RotaryStyle.Interleaved)]
    public void Rope(RotaryStyle style)
    {
        using var x = Random("x", new(3, 64), 1);
        using var table = new RotaryTable(32, 50, 10_000, style);
        GradientCheck.Assert([x], operations =>
            Project(operations, operations.Rope(Activation(operations, x), 2, table, new[] { 0, 5, 49 })));
    }

    [Theory]
    [InlineData(1, 1, 16, 5)]
    [InlineData(4, 2, 16, 67)]
    [InlineData(2, 1, 64, 20)]
    [InlineData(3, 3, 80, 9)]
    [InlineData(4, 2, 24, 30)]
    [InlineData(4, 2, 15, 70)]
    [InlineData(4, 2, 16, 150, 0.4f, 70)]
    [InlineData(2, 1, 16, 90, 0.3f, 5, 1.5f)]
    [InlineData(2, 2, 24, 20, 0, 0, 2)]
    public void Attention(int heads, int kvHeads, int headDim, int length, float scale = 0, int window = 0, float cap = 0)
    {
        using Parameter q = Random("q", new(length + 3, heads * headDim), 1), k = Random("k", new(length + 3, kvHeads * headDim), 2);
        using var v = Random("v", new(length + 3, kvHeads * headDim), 3);
        var batch = new AttentionBatch([new(0, 3, 0, default), new(3, length, 0, default)]);
        GradientCheck.Assert([q, k, v], operations => Project(operations, operations.Attention(
            Activation(operations, q), Activation(operations, k), Activation(operations, v), batch, 0, new AttentionSettings(headDim, scale, window, cap))));
    }

    [Fact]
    public void SwiGlu()
    {
        using Parameter gate = Random("gate", new(3, 11), 1), up = Random("up", new(3, 11), 2);
        GradientCheck.Assert([gate, up], operations =>
            Project(operations, operations.SwiGlu(Activation(operations, gate), Activation(operations, up))));
    }

    [Fact]
    public void Tensors_used_twice_receive_the_sum()
    {
        using Parameter x = Random("x", new(3, 32), 1), weight = Random("weight", new(32), 2);
        using var table = new RotaryTable(16, 50, 10_000);
        GradientCheck.Assert([x, weight], operations =>
        {
            var a = Activation(operations, x);
            var b = operations.Rope(a, 2, table, new[] { 1, 2, 3 });
            var c = operations.SwiGlu(operations.Add(a, b), operations.Add(b, operations.Add(a, a)));
            var d = operations.SwiGlu(operations.RmsNorm(c, weight, 1e-5f), operations.Add(c, a));
            return Project(operations, operations.GatherRows(operations.Add(d, operations.RmsNorm(a, weight, 1e-5f)), new[] { 2, 0, 2 }));
        });
    }

    [Fact]
    public void Attention_gradients_have_the_same_bits_at_every_width_and_thread_count()
    {
        using Parameter q = Random("q", new(80, 96), 1), k = Random("k", new(80, 48), 2), v = Random("v", new(80, 48), 3);
        Parameter[] parameters = [q, k, v];
        float[][] Run(KernelSet set, int threads)
        {
            using var context = new ComputeContext(threads, set);
            using var arena = new Arena();
            var tape = new Tape();
            var operations = new Operations(context, arena, tape);
            foreach (var parameter in parameters) parameter.RequireGradient().Fill(0);
            var batch = new AttentionBatch([new(0, 70, 0, default), new(70, 10, 0, default)]);
            Project(operations, operations.Attention(
                Activation(operations, q), Activation(operations, k), Activation(operations, v), batch, 0, 48));
            tape.Backward();
            return [.. parameters.Select(parameter => parameter.Gradient!.ToArray())];
        }

        var expected = Run(KernelSet.Reference, 1);
        foreach (var set in Variants.Sets)
        {
            for (var threads = 1; threads <= 2; threads++)
            {
                var actual = Run(set, threads);
                for (var i = 0; i < 3; i++) Variants.SameBits(expected[i], actual[i]);
            }
        }
    }

    private static Parameter Random(string name, Shape shape, ulong stream) => new(name, Variants.Normal(shape, stream));
}
