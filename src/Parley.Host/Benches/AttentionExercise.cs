using Parley.Host.Measurements;
using Parley.Tensors;
using Parley.Tensors.Measurements;

namespace Parley.Host.Benches;

/// <summary>
/// Attention at Qwen3-0.6B's shapes over the paged cache: prefill against the measured FMA peak, decode in bytes of keys and values a second.
/// </summary>
internal sealed class AttentionExercise : IExercise
{
    private const int Heads = 16, KVHeads = 8, HeadDim = 128;

    private static readonly DType[] CacheTypes = [DType.F32, DType.F16, DType.BF16, DType.Q8_0];

    public string Name => "attention";

    public string Description => "attention of Qwen3-0.6B's shape by cache type: prefill, decode of 1 and 16 sequences (about 20 seconds)";

    public Task<IReadOnlyList<Measurement>> RunAsync(ExerciseOptions options, CancellationToken cancellationToken)
    {
        var rows = new List<Measurement>();
        using var context = new ComputeContext();
        var rounds = options.Rounds ?? 10;
        foreach (var type in CacheTypes)
        {
            cancellationToken.ThrowIfCancellationRequested();
            AttentionFigures Measure(int sequences, int positions, int last) =>
                AttentionBench.Measure(context, new(Heads, KVHeads, HeadDim, sequences, positions, last, type), rounds);
            var setting = $"{type} cache, {context.Workers.Threads} threads, {context.Kernels}";
            foreach (var length in (int[])[512, 2048])
            {
                var prefill = Measure(1, length, length);
                rows.Add(new($"prefill {length}, {setting}", "GFLOP/s", prefill.GigaFlops, Limit: prefill.PeakGigaFlops));
            }

            foreach (var (sequences, length) in ((int, int)[])[(1, 512), (1, 2048), (16, 512)])
            {
                var decode = Measure(sequences, length, 1);
                rows.Add(new($"decode {sequences} x {length}, {setting}", "us/layer", decode.Seconds * 1e6));
                rows.Add(new($"decode {sequences} x {length}, {setting}", "GB/s", decode.GigaBytes));
            }
        }

        return Task.FromResult<IReadOnlyList<Measurement>>(rows);
    }
}
