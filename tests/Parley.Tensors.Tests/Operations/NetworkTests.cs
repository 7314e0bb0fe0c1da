using Parley.Tensors.Autograd;
using Parley.Tensors.Optimizers;

namespace Parley.Tensors.Tests;

/// <summary>A tiny decoder of two layers through operations and tape: every gradient, the same bits however it is run, and it learns.</summary>
public sealed class NetworkTests
{
    private static readonly int[] Tokens = [3, 1, 4, 1, 5, 9, 2, 6, 5, 3, 5, 8, 9, 7, 9, 3, 2, 3, 8, 4, 6, 2];
    private static readonly int[] Targets = [1, 4, 1, 5, 9, 2, 6, 5, 3, 5, 8, 7, 9, 3, 2, 3, 8, 4, 6, 2, 6, 4];

    [Fact]
    public void Every_gradient_agrees_with_finite_differences()
    {
        using var network = new TinyNetwork();
        GradientCheck.Assert(network.Parameters, network.Loss, step: 0.01);
    }

    [Fact]
    public void Training_gives_the_same_bits_with_one_and_two_threads_and_lowers_the_loss()
    {
        var (one, first, last) = Train(1);
        var (two, _, _) = Train(2);
        for (var i = 0; i < one.Length; i++) Variants.SameBits(one[i], two[i]);
        Assert.True(last < first / 2, $"The loss went from {first} to {last}.");
    }

    private static (float[][] Weights, double First, double Last) Train(int threads)
    {
        using var network = new TinyNetwork();
        using var context = new ComputeContext(threads);
        using var arena = new Arena();
        var tape = new Tape();
        Tensor[] first = [.. network.Parameters.Select(p => Tensor.Allocate(p.Value.Shape))];
        Tensor[] second = [.. network.Parameters.Select(p => Tensor.Allocate(p.Value.Shape))];
        List<double> losses = [];
        for (var step = 1; step <= 30; step++)
        {
            foreach (var parameter in network.Parameters) parameter.RequireGradient().Fill(0);
            losses.Add(network.Loss(new Operations(context, arena, tape)));
            tape.Backward();
            arena.Reset();
            new AdamW(context).Step(network.Parameters, first, second, new(0.02f, 0.9f, 0.95f, 1e-8f, 0.01f, step));
        }

        foreach (var moment in (Tensor[])[.. first, .. second]) moment.Dispose();
        return ([.. network.Parameters.Select(p => p.Value.ToArray())], losses[0], losses[^1]);
    }

    /// <summary>Width 32, two heads on one kv head, feed-forward 40, vocabulary 11, tied head; two sequences of 11.</summary>
    private sealed class TinyNetwork : IDisposable
    {
        private readonly RotaryTable _rotary = new(16, 16, 10_000);
        private readonly Parameter _embedding = Random("embedding", 11, 32, 1), _norm = Ones("norm");
        private readonly Layer[] _layers = [new(10), new(20)];

        internal Parameter[] Parameters => [_embedding, _norm, .. _layers.SelectMany(layer => layer.Parameters)];

        internal double Loss(Operations operations)
        {
            var batch = AttentionBatch.Whole(2, 11);
            var x = operations.Embedding(_embedding, Tokens);
            for (var i = 0; i < 2; i++) x = _layers[i].Forward(operations, x, batch, _rotary, i);
            var hidden = operations.RmsNorm(x, _norm, 1e-5f);
            return operations.CrossEntropy(hidden, _embedding, Targets, default, 1f / Targets.Length);
        }

        public void Dispose()
        {
            _rotary.Dispose();
            foreach (var parameter in Parameters) parameter.Dispose();
        }

        private static Parameter Random(string name, int outputs, int inputs, ulong stream) =>
            new(name, Variants.Normal(new(outputs, inputs), stream, 1 / MathF.Sqrt(inputs)));

        private static Parameter Ones(string name)
        {
            var value = Tensor.Allocate(new(32));
            value.Fill(1);
            return new(name, value);
        }

        private sealed class Layer(ulong stream)
        {
            private readonly Parameter _q = Random("q", 32, 32, stream), _k = Random("k", 16, 32, stream + 1), _v = Random("v", 16, 32, stream + 2);
            private readonly Parameter _o = Random("o", 32, 32, stream + 3), _gate = Random("gate", 40, 32, stream + 4);
            private readonly Parameter _up = Random("up", 40, 32, stream + 5), _down = Random("down", 32, 40, stream + 6);
            private readonly Parameter _before = Ones("before"), _between = Ones("between");
            private readonly Parameter _bias = new("bias", Variants.Normal(new(32), stream + 7, 0.1f));

            internal Parameter[] Parameters => [_q, _k, _v, _o, _gate, _up, _down, _before, _between, _bias];

            internal Tensor Forward(Operations operations, Tensor x, AttentionBatch batch, RotaryTable rotary, int layer)
            {
                var normal = operations.RmsNorm(x, _before, 1e-5f);
                var q = operations.Rope(operations.Linear(normal, _q, _bias), 2, rotary, batch.Positions);
                var k = operations.Rope(operations.Linear(normal, _k), 1, rotary, batch.Positions);
                var attention = operations.Attention(q, k, operations.Linear(normal, _v), batch, layer, 16);
                x = operations.Add(x, operations.Linear(attention, _o));
                normal = operations.RmsNorm(x, _between, 1e-5f);
                var wide = operations.SwiGlu(operations.Linear(normal, _gate), operations.Linear(normal, _up));
                return operations.Add(x, operations.Linear(wide, _down));
            }
        }
    }
}
