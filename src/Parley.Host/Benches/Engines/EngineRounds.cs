using Parley.Host.Measurements;
using Parley.Tensors;

namespace Parley.Host.Benches.Engines;

/// <summary>
/// All rounds on one file: loads first, then the questions, each put to Parley, to Parley without its assembled kernels, and to the peer in
/// turn. A round begins with the machine's limits, measured while both sides are idle.
/// </summary>
internal sealed class EngineRounds(BenchShape shape, string type, string path, string? peerFolder, int threads)
{
    private const double MemoryGoal = 1.15;
    private const double LoadGoal = 1;

    private readonly Dictionary<(string Side, string Question), List<double>> _seconds = [];
    private readonly List<MachineLimits> _limits = [];

    private bool IsPromised => shape.Name == "qwen3-0.6b";

    public async Task<IReadOnlyList<Measurement>> RunAsync(int rounds, CancellationToken cancellationToken)
    {
        KernelSet[] sets = Sets();
        foreach (var sentence in EngineComparison.Check(path, shape.Vocabulary, threads, sets))
        {
            Console.Error.WriteLine($"{shape.Name} {type}: {sentence}");
        }

        var sides = new List<(string Name, Func<Task<EngineSideProcess>> Start)>();
        sides.AddRange(sets.Select(set => (set.ToString(), (Func<Task<EngineSideProcess>>)(() => StartAsync(set, null, cancellationToken)))));
        if (peerFolder is not null)
        {
            sides.Add((LlamaPackage.Description, () => StartAsync(KernelSet.Auto, peerFolder, cancellationToken)));
        }

        await LoadAsync(sides, rounds);
        await AskAsync(sides, rounds, cancellationToken);
        return [.. Rows(sets)];
    }

    /// <summary>The fastest set, and the fastest managed one where that is another.</summary>
    private static KernelSet[] Sets()
    {
        using var context = new ComputeContext(threads: 1);
        return context.Kernels == KernelSet.Assembled ? [KernelSet.Assembled, KernelSet.Vector512] : [context.Kernels];
    }

    private Task<EngineSideProcess> StartAsync(KernelSet set, string? peer, CancellationToken cancellationToken) =>
        EngineSideProcess.StartAsync(new EngineSideOptions(path, shape.Vocabulary, threads, set), peer, cancellationToken);

    private async Task LoadAsync(IReadOnlyList<(string Name, Func<Task<EngineSideProcess>> Start)> sides, int rounds)
    {
        for (var round = -1; round < rounds; round++)
        {
            foreach (var (name, start) in sides)
            {
                await WarmAsync();
                await using var side = await start();
                Add(name, "load", round, side.LoadSeconds);
            }
        }
    }

    // The goal is for a file that the page cache holds, and some systems take pages back within a minute. So do hosts of virtual machines with
    // the memory that an ended process leaves: whoever touches it next waits for the host, up to a second for this file. It is touched here, and let go.
    private async Task WarmAsync()
    {
        await using var file = File.OpenRead(path);
        await file.CopyToAsync(Stream.Null);
        using var touched = Tensor.Allocate(new Shape((int)Math.Min(int.MaxValue, (file.Length + CacheBytes()) / sizeof(float))));
    }

    private async Task AskAsync(
        IReadOnlyList<(string Name, Func<Task<EngineSideProcess>> Start)> sides, int rounds, CancellationToken cancellationToken)
    {
        using var meter = new MachineMeter(threads);
        var running = new List<(string Name, EngineSideProcess Side)>();
        try
        {
            foreach (var (name, start) in sides)
            {
                running.Add((name, await start()));
            }

            for (var round = -1; round < rounds; round++)
            {
                _limits.Add(meter.Measure());
                foreach (var question in EngineQuestion.All)
                {
                    foreach (var (name, side) in running)
                    {
                        Add(name, question.Name, round, await side.AskAsync(question.Text, cancellationToken));
                    }
                }
            }

            foreach (var (name, side) in running)
            {
                Add(name, "memory", 0, await side.AskAsync("memory", cancellationToken));
            }
        }
        finally
        {
            foreach (var (_, side) in running)
            {
                await side.DisposeAsync();
            }
        }
    }

    private void Add(string side, string question, int round, double seconds)
    {
        if (round < 0)
        {
            return; // warms up
        }

        if (!_seconds.TryGetValue((side, question), out var list))
        {
            _seconds[(side, question)] = list = [];
        }

        list.Add(seconds);
    }

    private IEnumerable<Measurement> Rows(IReadOnlyList<KernelSet> sets)
    {
        foreach (var set in sets)
        {
            var first = set == sets[0];
            foreach (var question in EngineQuestion.All)
            {
                yield return Row(question, set, goal: !IsPromised || question == EngineQuestion.Clients ? null : first ? question.Goal(type) : 1);
            }

            if (first)
            {
                yield return Seconds("load", set, "s", LoadGoal, Median("load", set));
                yield return Memory(set);
            }
        }
    }

    private Measurement Row(EngineQuestion question, KernelSet set, double? goal)
    {
        if (question.Tokens is not { } tokens)
        {
            return Seconds(question.Name, set, "s", null, Median(question.Name, set));
        }

        var ours = tokens / Median(question.Name, set);
        double? theirs = peerFolder is null ? null : tokens / Median(question.Name, LlamaPackage.Description);
        var limit = Limit(question);
        var reached = goal is null || theirs is null || ours / theirs >= goal || (question == EngineQuestion.Decode && goal > 1 && ours >= 0.9 * limit);
        return new Measurement(Name(question.Name, set), "tokens/s", ours, theirs, ours / theirs, limit, goal, reached);
    }

    // The ratio of times is theirs over ours: above 1 is better, as everywhere.
    private Measurement Seconds(string question, KernelSet set, string unit, double? most, double ours)
    {
        double? theirs = peerFolder is null ? null : Median(question, LlamaPackage.Description);
        var promised = IsPromised && type == "q8_0" ? most : null;
        return new Measurement(Name(question, set), unit, ours, theirs, theirs / ours, null, promised, promised is null || ours <= promised);
    }

    private Measurement Memory(KernelSet set)
    {
        var (ours, cache) = (Median("memory", set), CacheBytes());
        double? theirs = peerFolder is null ? null : Median("memory", LlamaPackage.Description) / 1e6;
        var limit = MemoryGoal * (new FileInfo(path).Length + cache) / 1e6;
        return new Measurement(Name("peak memory", set), "MB", ours / 1e6, theirs, theirs / (ours / 1e6), null, limit, !IsPromised || ours / 1e6 <= limit);
    }

    private long CacheBytes() =>
        KVCache.BytesPerBlock(shape.Layers, shape.KVHeads, shape.HeadDim, DType.F16) * EngineSideOptions.CacheTokens / KVCache.BlockSize;

    /// <summary>Tokens a second at the measured limit: reading every weight once a step, or the integer units at their peak.</summary>
    private double Limit(EngineQuestion question)
    {
        var bytesPerSecond = Rounds.Median([.. _limits.Select(limits => limits.ReadBytes)]);
        var operationsPerSecond = Rounds.Median([.. _limits.Select(limits => type == "bf16" ? limits.BFloat16 : limits.Integers)]);
        var reading = bytesPerSecond / BenchModel.StepBytes(shape, type);
        return question switch
        {
            _ when question == EngineQuestion.Prefill => operationsPerSecond / (2.0 * shape.BodyMultiplications),
            _ when question == EngineQuestion.Decode => reading,
            _ => Math.Min(16 * reading, operationsPerSecond / (2.0 * shape.Multiplications)),
        };
    }

    private string Name(string question, KernelSet set) => $"{shape.Name} {type} {question}, {set}";

    private double Median(string question, KernelSet set) => Median(question, set.ToString());

    private double Median(string question, string side) => Rounds.Median(_seconds[(side, question)]);
}
