using System.Diagnostics;
using System.Numerics;
using System.Runtime.InteropServices;

namespace Parley.Host.Benches.Engines;

/// <summary>
/// llama.cpp through its libllama, with flash attention on and off on one model: the better of the two counts. Greedy sampling is an argmax
/// over the logits it returns.
/// </summary>
internal sealed class LlamaSide : IEngineSide
{
    private readonly LlamaLibrary _library;
    private readonly EngineSideOptions _options;
    private readonly nint _model;
    private readonly LlamaBatch _batch;
    private readonly float[] _row;

    public LlamaSide(LlamaLibrary library, EngineSideOptions options)
    {
        var start = Stopwatch.GetTimestamp();
        (_library, _options) = (library, options);
        _model = library.LoadModel(options.Model, library.ModelDefaults);
        if (_model == 0)
        {
            throw new InvalidDataException($"llama.cpp could not load '{options.Model}'.");
        }

        library.FreeContext(NewContext(flashAttention: 1, sequences: 1));
        LoadSeconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
        _row = new float[options.Vocabulary];
        _batch = library.NewBatch(EngineSideOptions.CacheTokens, 0, 1);
    }

    public double LoadSeconds { get; }

    public Task<double> PrefillAsync(int tokens, CancellationToken cancellationToken) => BestAsync(1, context =>
    {
        var start = Stopwatch.GetTimestamp();
        Run(context, [BenchPrompt.Of(0, tokens, _options.Vocabulary)], firstPosition: 0);
        return Stopwatch.GetElapsedTime(start).TotalSeconds;
    });

    public Task<double> DecodeAsync(int sequences, int tokens, CancellationToken cancellationToken) => BestAsync(sequences, context =>
    {
        var next = Run(context, [.. Enumerable.Range(0, sequences).Select(which => BenchPrompt.Of(which, BenchPrompt.Short, _options.Vocabulary))], 0);
        var start = Stopwatch.GetTimestamp();
        for (var step = 0; step < tokens; step++)
        {
            next = Run(context, [.. next.Select(token => new[] { token })], BenchPrompt.Short + step);
        }

        return Stopwatch.GetElapsedTime(start).TotalSeconds;
    });

    // All prompts in one call, or one after the other: whichever answers the middle client sooner.
    public Task<double> FirstTokenAsync(int clients, int promptTokens, CancellationToken cancellationToken) => BestAsync(clients, context =>
    {
        int[][] prompts = [.. Enumerable.Range(0, clients).Select(which => BenchPrompt.Of(which, promptTokens, _options.Vocabulary))];
        var start = Stopwatch.GetTimestamp();
        Run(context, prompts, 0);
        var together = Stopwatch.GetElapsedTime(start).TotalSeconds;
        _library.ClearMemory(_library.Memory(context), 1);
        start = Stopwatch.GetTimestamp();
        double? middle = null;
        for (var client = 0; client < clients; client++)
        {
            Run(context, [prompts[client]], 0, client);
            middle = client == clients / 2 ? Stopwatch.GetElapsedTime(start).TotalSeconds : middle;
        }

        return Math.Min(together, middle!.Value);
    });

    public ValueTask DisposeAsync() => ValueTask.CompletedTask; // the process ends with it

    // A context of its own for each measurement: sequences that are not there take no cache, and peak memory is that of one context.
    private Task<double> BestAsync(int sequences, Func<nint, double> measure) => Task.FromResult(new[] { 0, 1 }.Min(flashAttention =>
    {
        var context = NewContext(flashAttention, sequences);
        var seconds = measure(context);
        _library.FreeContext(context);
        return seconds;
    }));

    /// <summary>Runs tokens of each sequence from one position on; returns the most probable next token of each.</summary>
    private int[] Run(nint context, int[][] tokens, int firstPosition, int firstSequence = 0)
    {
        var row = 0;
        var last = new int[tokens.Length];
        for (var sequence = 0; sequence < tokens.Length; sequence++)
        {
            for (var i = 0; i < tokens[sequence].Length; i++, row++)
            {
                _batch.Put(row, tokens[sequence][i], firstPosition + i, firstSequence + sequence, wantsOutput: i == tokens[sequence].Length - 1);
            }

            last[sequence] = row - 1;
        }

        _library.Run(context, _batch with { Count = row });
        return [.. last.Select(index => Largest(_library.LogitsOf(context, index)))];
    }

    private int Largest(nint logits)
    {
        Marshal.Copy(logits, _row, 0, _row.Length);
        var largest = new Vector<float>(float.NegativeInfinity);
        foreach (var vector in MemoryMarshal.Cast<float, Vector<float>>(_row))
        {
            largest = Vector.Max(largest, vector);
        }

        var most = float.NegativeInfinity;
        for (var lane = 0; lane < Vector<float>.Count; lane++)
        {
            most = Math.Max(most, largest[lane]);
        }

        foreach (var value in _row.AsSpan(_row.Length / Vector<float>.Count * Vector<float>.Count))
        {
            most = Math.Max(most, value);
        }

        return _row.AsSpan().IndexOf(most);
    }

    private nint NewContext(int flashAttention, int sequences)
    {
        var parameters = _library.ContextDefaults with
        {
            ContextTokens = EngineSideOptions.CacheTokens,
            BatchTokens = EngineSideOptions.CacheTokens,
            MicroBatchTokens = EngineSideOptions.StepTokens,
            MaxSequences = (uint)sequences,
            Threads = _options.Threads,
            BatchThreads = _options.Threads,
            FlashAttention = flashAttention,
        };
        var context = _library.NewContext(_model, parameters);
        return context != 0 ? context : throw new InvalidDataException("llama.cpp could not make a context.");
    }
}
