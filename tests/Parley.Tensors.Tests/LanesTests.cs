using Parley.Tensors.Kernels;

namespace Parley.Tensors.Tests;

/// <summary>Every member of the lanes at every width against the scalar reference, by bits; our functions against double precision.</summary>
public sealed unsafe class LanesTests
{
    private static readonly float[] Awkward =
    [
        0f, -0f, 1f, -1f, 0.5f, -104.5f, -103.9f, -87.3f, 88.7f, 88.8f, 0.625f, -0.625f, 1e-30f, -1e-30f, 1e30f, -1e30f,
        float.Epsilon, -float.Epsilon, float.MaxValue, float.MinValue, float.PositiveInfinity, float.NegativeInfinity, float.NaN,
    ];

    [Fact]
    public void Every_width_gives_the_bits_of_the_reference()
    {
        for (ulong seed = 0; seed < 200; seed++)
        {
            float[] values = Numbers.Normal(48, seed);
            for (int i = 0; i < 48; i++)
            {
                values[i] *= MathF.Pow(10, i % 7 - 3);
                values[i] = Philox.Uniform(seed, 1, (ulong)i) < 0.2f ? Awkward[(int)((seed + (ulong)i) % (ulong)Awkward.Length)] : values[i];
            }

            float[] expected = Everything<LanesScalar>(values);
            SameBitsOrNaN(expected, Everything<Lanes128>(values));
            SameBitsOrNaN(expected, Everything<Lanes256>(values));
            SameBitsOrNaN(expected, Everything<Lanes512>(values));
        }
    }

    [Fact]
    public void Sum_follows_the_tree()
    {
        float[] values = Numbers.Normal(16, 3);
        float[] level = values;
        for (int half = 8; half > 0; half /= 2)
        {
            level = [.. Enumerable.Range(0, half).Select(i => level[i] + level[i + half])];
        }

        fixed (float* p = values)
        {
            Assert.Equal(level[0], LanesScalar.Sum(LanesScalar.Load(p)));
            Assert.Equal(values.Max(), Lanes512.Largest(Lanes512.Load(p)));
        }
    }

    [Fact]
    public void The_exponential_is_right_to_two_in_ten_million() =>
        WorstError(-87f, 88.5f, LanesMath.Exp, Math.Exp);

    [Fact]
    public void The_exponential_of_a_distance_is_right_to_two_in_ten_million_where_it_counts()
    {
        WorstError(-80f, 0f, LanesMath.ExpOfDistance, Math.Exp, 5e-7);
        WorstError(-10f, 0f, LanesMath.ExpOfDistance, Math.Exp);
        Assert.Equal([1f, float.NaN], Map(LanesMath.ExpOfDistance, [0f, float.NaN])[..2]);
        Assert.InRange(Map(LanesMath.ExpOfDistance, [float.NegativeInfinity])[0], 0, 2e-35f);
    }

    [Fact]
    public void The_hyperbolic_tangent_is_right_to_two_in_ten_million()
    {
        WorstError(-12f, 12f, LanesMath.Tanh, Math.Tanh);
        WorstError(-0.7f, 0.7f, LanesMath.Tanh, Math.Tanh);
        WorstError(-1e-3f, 1e-3f, LanesMath.Tanh, Math.Tanh);
    }

    [Fact]
    public void The_logistic_function_is_right_to_two_in_ten_million() =>
        WorstError(-86f, 40f, LanesMath.Sigmoid, x => 1 / (1 + Math.Exp(-x)));

    [Fact]
    public void The_ends_of_the_exponential_are_exact()
    {
        float[] result = Map(LanesMath.Exp, [0f, float.NegativeInfinity, float.PositiveInfinity, float.NaN, -200f, 89f, -0f, 1f]);
        Assert.Equal([1f, 0f, float.PositiveInfinity, float.NaN, 0f, float.PositiveInfinity, 1f, MathF.E], result[..8]);
        Assert.Equal([1f, -1f, 0f], Map(LanesMath.Tanh, [float.PositiveInfinity, float.NegativeInfinity, 0f])[..3]);
        Assert.Equal([1f, 0f, 0.5f], Map(LanesMath.Sigmoid, [float.PositiveInfinity, float.NegativeInfinity, 0f])[..3]);
    }

    [Fact]
    public void Partial_loads_and_stores_touch_only_their_lanes()
    {
        float* memory = stackalloc float[16];
        for (int count = 0; count <= 16; count++)
        {
            new Span<float>(memory, 16).Fill(7);
            LanesMath.StorePartial(LanesMath.LoadPartial<Lanes512>(memory, count, fill: 3) + Lanes512.Broadcast(1), memory, count);
            Assert.Equal(Enumerable.Repeat(8f, count).Concat(Enumerable.Repeat(7f, 16 - count)), new Span<float>(memory, 16).ToArray());
        }
    }

    private static float[] Everything<T>(float[] values)
        where T : struct, ILanes<T>
    {
        fixed (float* p = values)
        {
            T a = T.Load(p), b = T.Load(p + 16), c = T.Load(p + 32);
            float[] result = new float[19 * 16];
            T[] all =
            [
                a + b, a - b, a * b, a / b, T.FusedMultiplyAdd(a, b, c), T.Max(a, b), T.Min(a, b), T.SelectGreater(a, b, c, a), T.Sqrt(a),
                T.Abs(a), T.CopySign(a, b), LanesMath.Exp(a), LanesMath.ExpOfDistance(T.Zero - T.Abs(a)), LanesMath.Tanh(b), LanesMath.Sigmoid(c),
                T.Broadcast(T.Sum(a)), T.Broadcast(T.Largest(b)), T.LoadUpperHalves((uint*)p), T.LoadLowerHalves((uint*)p + 16),
            ];
            fixed (float* r = result)
            {
                for (int i = 0; i < all.Length; i++)
                {
                    all[i].Store(r + i * 16);
                }
            }

            return result;
        }
    }

    private static void SameBitsOrNaN(float[] expected, float[] actual)
    {
        for (int i = 0; i < expected.Length; i++)
        {
            // Which NaN comes out of an operation is the processor's choice.
            if (!(float.IsNaN(expected[i]) && float.IsNaN(actual[i])))
            {
                Numbers.SameBits([expected[i]], [actual[i]]);
            }
        }
    }

    private static float[] Map(Func<Lanes512, Lanes512> function, float[] values)
    {
        float[] padded = [.. values, .. new float[16 - values.Length]];
        fixed (float* p = padded)
        {
            function(Lanes512.Load(p)).Store(p);
        }

        return padded;
    }

    private static void WorstError(float from, float to, Func<Lanes512, Lanes512> function, Func<double, double> exact, double tolerance = 2e-7)
    {
        float[] values = new float[16];
        double worst = 0;
        for (int step = 0; step < 4000; step++)
        {
            for (int i = 0; i < 16; i++)
            {
                values[i] = from + (to - from) * (step * 16 + i) / 64000;
            }

            float[] result = Map(function, values);
            for (int i = 0; i < 16; i++)
            {
                double right = exact(values[i]);
                worst = Math.Max(worst, right == 0 ? Math.Abs(result[i]) : Math.Abs(result[i] / right - 1));
            }
        }

        Assert.InRange(worst, 0, tolerance);
    }
}
