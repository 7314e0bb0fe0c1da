using System.Runtime.InteropServices;
using Parley.Host.Benches.Engines;

namespace Parley.Host.Verification;

/// <summary>llama.cpp's numbers of a model through its libllama, one text at a time. It is given token ids, and pools as told.</summary>
internal sealed class LlamaModel : IDisposable
{
    private const int F32 = 0; // enum ggml_type

    private readonly LlamaLibrary _library;
    private readonly nint _model, _context, _adapter;
    private readonly LlamaBatch _batch;

    /// <param name="library">Bound already.</param>
    /// <param name="path">A GGUF file.</param>
    /// <param name="mostTokens">Of one text.</param>
    /// <param name="pooling">llama_pooling_type, for vectors; null: for logits.</param>
    /// <param name="adapter">A GGUF file of a LoRA adapter; null: none.</param>
    /// <exception cref="InvalidDataException">llama.cpp refuses a file.</exception>
    public LlamaModel(LlamaLibrary library, string path, int mostTokens, int? pooling = null, string? adapter = null)
    {
        _library = library;
        _model = library.LoadModel(path, library.ModelDefaults);
        var size = (uint)mostTokens;
        var parameters = library.ContextDefaults with
        {
            ContextTokens = size, BatchTokens = size, MicroBatchTokens = size, Threads = 1, BatchThreads = 1, FlashAttention = 0, KeyType = F32, ValueType = F32,
        };
        parameters = pooling is { } kind ? parameters with { Pooling = kind, Embeddings = 1 } : parameters;
        _context = _model == 0 ? 0 : library.NewContext(_model, parameters);
        _adapter = _context == 0 || adapter is null ? 0 : library.LoadAdapter(_model, adapter);
        if (_context == 0 || (adapter is not null && (_adapter == 0 || library.SetAdapters(_context, [_adapter], 1, [1]) != 0)))
        {
            throw new InvalidDataException($"llama.cpp could not load '{(_context == 0 ? path : adapter)}'.");
        }

        _batch = library.NewBatch(mostTokens, 0, 1);
    }

    /// <summary>The pooled vector of a text.</summary>
    public float[] Vector(int[] tokens, int width)
    {
        Run(tokens);
        return Copy(_library.VectorOf(_context, 0), width);
    }

    /// <summary>The logits behind each token.</summary>
    public float[][] Logits(int[] tokens, int vocabulary)
    {
        Run(tokens);
        return [.. tokens.Select((_, row) => Copy(_library.LogitsOf(_context, row), vocabulary))];
    }

    public void Dispose()
    {
        _library.FreeContext(_context);
        _library.FreeModel(_model); // and the adapter with it
    }

    private void Run(int[] tokens)
    {
        for (var i = 0; i < tokens.Length; i++)
        {
            _batch.Put(i, tokens[i], position: i, sequence: 0, wantsOutput: true);
        }

        var memory = _library.Memory(_context);
        if (memory != 0) // an encoder has none
        {
            _library.ClearMemory(memory, 1);
        }

        _library.Run(_context, _batch with { Count = tokens.Length });
    }

    private static float[] Copy(nint numbers, int count)
    {
        var copy = new float[count];
        Marshal.Copy(numbers, copy, 0, count);
        return copy;
    }
}
