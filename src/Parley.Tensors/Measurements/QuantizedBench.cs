using System.Diagnostics;

namespace Parley.Tensors.Measurements;

/// <summary>
/// Times products of quantised weights, the rounding of activations included, by several kernel sets in alternating rounds. The weights
/// together exceed the caches, so that few tokens show the memory and many the units. Sets must agree to the bit before they are timed.
/// </summary>
public sealed class QuantizedBench : IDisposable
{
    private const int Outputs = 3072;
    private const int Inputs = 1024;
    private const int Copies = 32;

    private readonly Parameter[] _weights;
    private readonly ComputeContext[] _contexts;

    /// <param name="type">A quantised type.</param>
    /// <param name="sets">What to compare.</param>
    /// <param name="threads">Threads that compute.</param>
    /// <exception cref="InvalidOperationException">A set gives other bits than the reference.</exception>
    public QuantizedBench(DType type, IReadOnlyList<KernelSet> sets, int threads)
    {
        float[] values = new float[Outputs * Inputs];
        for (int i = 0; i < values.Length; i++)
        {
            values[i] = Philox.Uniform(1, 0, (ulong)i) - 0.5f;
        }

        using Tensor first = Tensor.Allocate(new Shape(Outputs, Inputs), type);
        first.CopyFrom(values);
        _weights = [.. Enumerable.Range(0, Copies).Select(copy => new Parameter($"{type} {copy}", Copy(first)))];
        _contexts = [.. sets.Select(set => new ComputeContext(threads, set, arithmetic: Arithmetic.Fast))];
        _contexts[0].Device.Prepare(_weights);
        RequireAgreement();
    }

    /// <summary>Bytes of one stored weight per second of one product are the speed at which it was read.</summary>
    public long WeightBytes => _weights[0].Value.ByteCount;

    /// <summary>Multiplications and additions of one product.</summary>
    public static double Operations(int tokens) => 2.0 * tokens * Outputs * Inputs;

    /// <summary>The median seconds of one product, per set, in the order of the constructor.</summary>
    /// <param name="between">Run once a round, to measure limits under the same conditions.</param>
    public double[] Measure(int tokens, int rounds, Action<ComputeContext> between)
    {
        using Tensor x = Activations(tokens), output = Tensor.Allocate(new Shape(tokens, Outputs));
        int repeats = Math.Clamp(64 / tokens, 1, Copies / 2);
        double[][] seconds = [.. _contexts.Select(_ => new double[rounds])];
        for (int round = -1; round < rounds; round++)
        {
            for (int set = 0; set < _contexts.Length; set++)
            {
                long start = Stopwatch.GetTimestamp();
                for (int i = 0; i < repeats; i++)
                {
                    _contexts[set].Device.Linear(x, _weights[((round + 1) * repeats + i) % Copies], null, output);
                }

                if (round >= 0)
                {
                    seconds[set][round] = Stopwatch.GetElapsedTime(start).TotalSeconds / repeats;
                }
            }

            between(_contexts[^1]);
        }

        return [.. seconds.Select(times => times.Order().ElementAt(rounds / 2))];
    }

    public void Dispose()
    {
        foreach (ComputeContext context in _contexts)
        {
            context.Dispose();
        }

        foreach (Parameter weight in _weights)
        {
            weight.Dispose();
        }
    }

    private static Tensor Copy(Tensor source)
    {
        Tensor copy = Tensor.Allocate(source.Shape, source.DType);
        copy.CopyFrom(source);
        return copy;
    }

    private static Tensor Activations(int tokens)
    {
        Tensor x = Tensor.Allocate(new Shape(tokens, Inputs));
        Philox.FillNormal(x, 1, 1, 1);
        return x;
    }

    private void RequireAgreement()
    {
        using Tensor x = Activations(7), expected = Tensor.Allocate(new Shape(7, Outputs)), actual = Tensor.Allocate(new Shape(7, Outputs));
        using ComputeContext reference = new(1, KernelSet.Reference, arithmetic: Arithmetic.Fast);
        reference.Device.Linear(x, _weights[0], null, expected);
        foreach (ComputeContext context in _contexts)
        {
            context.Device.Linear(x, _weights[0], null, actual);
            if (!expected.Bytes.SequenceEqual(actual.Bytes))
            {
                throw new InvalidOperationException($"The kernels of {context.Kernels} give other bits than the reference for {_weights[0].Value.DType}; no speed counts.");
            }
        }
    }
}
