using System.Runtime.InteropServices;

namespace Parley.Tensors.Tests;

/// <summary>Every kernel set with one and two threads, and what it means to agree to the bit with the scalar reference.</summary>
internal static class Variants
{
    /// <summary>The vector sets, which run everywhere if slowly, and the assembled set where there is one.</summary>
    internal static KernelSet[] Sets { get; } =
        [.. KernelSets.All.Where(set => set != KernelSet.Assembled || KernelSets.InHardware(set))];

    internal static TheoryData<KernelSet, int> All
    {
        get
        {
            var data = new TheoryData<KernelSet, int>();
            foreach (var set in Sets)
            {
                data.Add(set, 1);
                data.Add(set, 2);
            }

            return data;
        }
    }

    /// <summary>Standard normal numbers that depend on nothing but the stream.</summary>
    internal static Tensor Normal(Shape shape, ulong stream, float std = 1)
    {
        var tensor = Tensor.Allocate(shape);
        Philox.FillNormal(tensor, 2024, stream, std);
        return tensor;
    }

    /// <summary>Whole numbers from 0 to limit - 1.</summary>
    internal static int[] Integers(int count, int limit, ulong stream) =>
        [.. Enumerable.Range(0, count).Select(i => (int)(Philox.Uniform(2024, stream, (ulong)i) * limit))];

    internal static void SameBits(ReadOnlySpan<float> expected, ReadOnlySpan<float> actual)
    {
        Assert.Equal(expected.Length, actual.Length);
        var (left, right) = (MemoryMarshal.Cast<float, int>(expected).ToArray(), MemoryMarshal.Cast<float, int>(actual).ToArray());
        for (var i = 0; i < left.Length; i++)
        {
            if (left[i] != right[i]) Assert.Fail($"Element {i} of {left.Length}: {expected[i]:R} expected, {actual[i]:R} found.");
        }
    }

    internal static void Near(ReadOnlySpan<double> expected, ReadOnlySpan<float> actual, double tolerance)
    {
        Assert.Equal(expected.Length, actual.Length);
        for (var i = 0; i < expected.Length; i++)
        {
            var error = Math.Abs(expected[i] - actual[i]) / Math.Max(1, Math.Abs(expected[i]));
            if (!(error <= tolerance)) Assert.Fail($"Element {i}: {expected[i]} expected, {actual[i]} found.");
        }
    }
}
