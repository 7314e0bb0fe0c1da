namespace Parley.Inference.Tests;

/// <summary>Steady decoding must not feed the garbage collector: bytes per step of eight sequences, on the engine's own thread.</summary>
public sealed class AllocationTests
{
    [Fact]
    public async Task ADecodeStepAllocatesLittle()
    {
        using var decoder = TinyModel.Create();
        await using var driver = new EngineDriver(decoder);
        var readers = Enumerable.Range(0, 8).Select(i => driver.Engine.Submit(Requests.Of(16, (ulong)i, maxTokens: 78))).ToArray();
        for (var i = 0; i < 30; i++)
        {
            driver.Engine.Step();
        }

        var before = GC.GetAllocatedBytesForCurrentThread();
        const int steps = 40;
        for (var i = 0; i < steps; i++)
        {
            driver.Engine.Step();
        }

        var bytes = (GC.GetAllocatedBytesForCurrentThread() - before) / steps;
        Assert.True(bytes < 2048, $"{bytes} bytes a step");
        TestContext.Current.TestOutputHelper?.WriteLine($"{bytes} bytes a step of {readers.Length} sequences");
    }
}
