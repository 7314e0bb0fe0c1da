using Parley.Tensors.Measurements;

namespace Parley.Tensors.Tests;

/// <summary>The yardsticks yield figures; how large they are is the machine's business.</summary>
public sealed class MeasurementTests
{
    [Fact]
    public void Memory_is_read_and_given_back()
    {
        using ComputeContext context = new(2);
        ReadBandwidth bandwidth = new(bytes: 1 << 20);
        Assert.InRange(bandwidth.Measure(context), double.Epsilon, 1e5);
        bandwidth.Dispose();
        Assert.Throws<ObjectDisposedException>(() => bandwidth.Measure(context));
    }

    [Fact]
    public void Both_kinds_of_units_are_measured_at_the_same_order_of_speed()
    {
        AssembledRequirement.Check();
        using ComputeContext context = new(1);
        double ratio = Enumerable.Range(0, 5).Max(_ => AssembledPeak.Int8(context)) / Enumerable.Range(0, 5).Max(_ => AssembledPeak.BFloat16(context));
        Assert.InRange(ratio, 0.3, 12);
    }
}
