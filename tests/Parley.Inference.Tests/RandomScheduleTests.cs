using FsCheck;
using FsCheck.Fluent;
using Parley.Models;
using Parley.Tensors;

namespace Parley.Inference.Tests;

/// <summary>
/// The first promise as a property: whatever a schedule does, each request gets the tokens and log-probabilities that it gets alone, cold, whole and on one
/// thread. For every way to store weights and for every way to store the cache, in the arithmetic that serves.
/// </summary>
public sealed class RandomScheduleTests
{
    public static TheoryData<DType> Quantizations =>
        [DType.F16, DType.BF16, DType.Q8_0, DType.Q4_0, DType.Q4_1, DType.Q5_0, DType.Q5_1, DType.Q4_K, DType.Q5_K, DType.Q6_K];

    [Fact]
    public async Task ASmallModelInManySchedules()
    {
        using var decoder = TinyModel.Create();
        await CheckAsync(decoder, DType.F32, schedules: 40, requests: 32);
    }

    [Theory]
    [MemberData(nameof(Quantizations))]
    public async Task EveryQuantization(DType weights)
    {
        using var decoder = TinyModel.Quantized(weights);
        await CheckAsync(decoder, DType.F32, schedules: 4, requests: 20);
    }

    [Theory]
    [InlineData(DType.F16)]
    [InlineData(DType.BF16)]
    [InlineData(DType.Q8_0)]
    public async Task EveryTypeOfCache(DType cache)
    {
        using var decoder = TinyModel.Create();
        await CheckAsync(decoder, cache, schedules: 10, requests: 32);
    }

    private static async Task CheckAsync(Decoder decoder, DType cache, int schedules, int requests)
    {
        var expected = new IReadOnlyList<EngineOutput>[RandomSchedule.PoolSize];
        for (var i = 0; i < expected.Length; i++)
        {
            var options = new EngineOptions { MaxSequences = 1, PrefixCache = false, CacheDType = cache };
            await using var driver = new EngineDriver(decoder, options, threads: 1, arithmetic: Arithmetic.Fast);
            expected[i] = driver.Run(RandomSchedule.FromPool(i))[0];
        }

        Assert.True(expected.SelectMany(outputs => outputs.Tokens()).Distinct().Count() > 20, "the answers are too dull to prove anything");
        Prop.ForAll(RandomSchedule.Any(cache, requests), schedule =>
        {
            foreach (var (request, outputs) in schedule.RunAsync(decoder, Arithmetic.Fast).GetAwaiter().GetResult())
            {
                SameInSameOutTests.AssertSame(expected[request], outputs);
            }
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(schedules));
    }
}
