using System.Diagnostics;
using Parley.Host.Measurements;
using Parley.Inference;
using Parley.Models;
using Parley.Protocol.Generation;
using Parley.Tensors;

namespace Parley.Host.Benches.Engines;

/// <summary>Parley's serving engine, asked as a replica asks it: submit, read outputs.</summary>
internal sealed class ParleySide : IEngineSide
{
    private readonly EngineSideOptions _options;
    private readonly ComputeContext _context;
    private readonly GgufModel _model;
    private readonly Engine _engine;

    public ParleySide(EngineSideOptions options)
    {
        var start = Stopwatch.GetTimestamp();
        _options = options;
        _context = new ComputeContext(options.Threads, options.Kernels, arithmetic: Arithmetic.Fast);
        _model = GgufModel.Load(options.Model);
        _engine = new Engine(_model.Decoder, Options(), _context);
        LoadSeconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
    }

    public double LoadSeconds { get; }

    /// <summary>How every engine of the bench is set up, also those that only compare kernel sets.</summary>
    public static EngineOptions Options() => new()
    {
        MaxBatchTokens = EngineSideOptions.StepTokens,
        MaxSequences = EngineSideOptions.MaxSequences,
        CacheBlocks = EngineSideOptions.CacheTokens / KVCache.BlockSize,
        CacheDType = DType.F16,
        PrefixCache = false,
        SpeculativeTokens = 0,
    };

    public async Task<double> PrefillAsync(int tokens, CancellationToken cancellationToken) =>
        (await RunAsync(1, tokens, answer: 1, cancellationToken)).First[0];

    public async Task<double> DecodeAsync(int sequences, int tokens, CancellationToken cancellationToken)
    {
        var (first, last) = await RunAsync(sequences, BenchPrompt.Short, tokens + 1, cancellationToken);
        return last.Max() - first.Max();
    }

    public async Task<double> FirstTokenAsync(int clients, int promptTokens, CancellationToken cancellationToken)
    {
        var (first, _) = await RunAsync(clients, promptTokens, answer: 1, cancellationToken);
        return Rounds.Median(first);
    }

    public async ValueTask DisposeAsync()
    {
        await _engine.DisposeAsync();
        _model.Dispose();
        _context.Dispose();
    }

    /// <summary>Seconds from submission to each sequence's first and last token.</summary>
    private async Task<(double[] First, double[] Last)> RunAsync(int sequences, int prompt, int answer, CancellationToken cancellationToken)
    {
        var (first, last) = (new double[sequences], new double[sequences]);
        var requests = Enumerable.Range(0, sequences).Select(which => new EngineRequest
        {
            Prompt = BenchPrompt.Of(which, prompt, _options.Vocabulary),
            Sampling = new SamplingParams { Temperature = 0, Seed = 1 },
            MaxOutputTokens = answer,
            Choice = which,
        }).ToArray();
        var start = Stopwatch.GetTimestamp();
        await foreach (var output in _engine.Submit(requests).ReadAllAsync(cancellationToken))
        {
            var seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
            first[output.Choice] = first[output.Choice] == 0 ? seconds : first[output.Choice];
            last[output.Choice] = seconds;
        }

        return (first, last);
    }
}
