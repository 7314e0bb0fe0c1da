using Parley.Host.Measurements;
using Parley.Protocol.Errors;
using Parley.Tensors;
using Parley.Tensors.Measurements;

namespace Parley.Host.Benches;

/// <summary>
/// Products of quantised weights by every kernel set of the machine, on two threads: many tokens against the peak of the integer units, one
/// token against the read bandwidth, both measured in the same rounds.
/// </summary>
internal sealed class Int8Exercise : IExercise
{
    private const int Threads = 2;

    private static readonly DType[] Types = [DType.Q8_0, DType.Q4_0, DType.Q4_K, DType.Q6_K, DType.Q5_0, DType.Q5_K, DType.Q4_1, DType.Q5_1];

    public string Name => "int8";

    public string Description => "products of quantised weights, all kernel sets, against int8 peak and read bandwidth (Q8_0 and Q4_0 half a minute; --quant, --all)";

    public Task<IReadOnlyList<Measurement>> RunAsync(ExerciseOptions options, CancellationToken cancellationToken)
    {
        var sets = KernelSets.All.Where(set => set != KernelSet.Reference && KernelSets.InHardware(set)).ToArray();
        var rows = new List<Measurement>();
        using var bandwidth = new ReadBandwidth(ReadBandwidth.DefaultBytes / 4);
        foreach (var type in Chosen(options))
        {
            using var bench = new QuantizedBench(type, sets, Threads);
            foreach (var tokens in new[] { 512, 16, 1 })
            {
                cancellationToken.ThrowIfCancellationRequested();
                var limits = new List<double>();
                var seconds = bench.Measure(tokens, options.Rounds ?? 9, context => limits.Add(Limit(context, tokens, bandwidth)));
                var limit = Rounds.Median(limits);
                rows.AddRange(sets.Select((set, index) => Row(bench, type, tokens, set, seconds[index], limit)));
            }
        }

        return Task.FromResult<IReadOnlyList<Measurement>>(rows);
    }

    private static IEnumerable<DType> Chosen(ExerciseOptions options)
    {
        if (options.Quant is not { } name)
        {
            return options.All ? Types : Types.Take(2);
        }

        var type = Types.Cast<DType?>().FirstOrDefault(type => string.Equals(type.ToString(), name, StringComparison.OrdinalIgnoreCase));
        return type is { } found
            ? [found]
            : throw ParleyException.InvalidRequest($"'--quant {name}' must be one of {string.Join(", ", Types)}.", "--quant");
    }

    private static double Limit(ComputeContext context, int tokens, ReadBandwidth bandwidth) =>
        tokens == 1 ? bandwidth.Measure(context)
        : KernelSets.InHardware(KernelSet.Assembled) ? AssembledPeak.Int8(context)
        : 4 * FmaPeak.Measure(context);

    private static Measurement Row(QuantizedBench bench, DType type, int tokens, KernelSet set, double seconds, double limit) =>
        tokens == 1
            ? new Measurement($"{type}, 1 token, {set}", "GB/s", bench.WeightBytes / seconds / 1e9, Limit: limit)
            : new Measurement($"{type}, {tokens} tokens, {set}", "GOP/s", QuantizedBench.Operations(tokens) / seconds / 1e9, Limit: limit);
}
