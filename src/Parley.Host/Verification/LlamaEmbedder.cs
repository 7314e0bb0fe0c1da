using System.Runtime.InteropServices;
using Parley.Host.Benches.Engines;

namespace Parley.Host.Verification;

/// <summary>llama.cpp's vectors through its libllama, one text at a time. It is given token ids and pools as told.</summary>
internal sealed class LlamaEmbedder : IDisposable
{
    private readonly LlamaLibrary _library;
    private readonly nint _model, _context;
    private readonly LlamaBatch _batch;
    private readonly int _width;

    /// <param name="library">Bound already.</param>
    /// <param name="path">A GGUF file.</param>
    /// <param name="pooling">llama_pooling_type.</param>
    /// <param name="width">Elements of a vector.</param>
    /// <param name="mostTokens">Of one text.</param>
    /// <exception cref="InvalidDataException">llama.cpp refuses the file.</exception>
    public LlamaEmbedder(LlamaLibrary library, string path, int pooling, int width, int mostTokens)
    {
        (_library, _width) = (library, width);
        _model = library.LoadModel(path, library.ModelDefaults);
        var size = (uint)mostTokens;
        _context = _model == 0 ? 0 : library.NewContext(_model, library.ContextDefaults with
        {
            ContextTokens = size, BatchTokens = size, MicroBatchTokens = size, Threads = 1, BatchThreads = 1, Pooling = pooling, Embeddings = 1,
        });
        if (_context == 0)
        {
            throw new InvalidDataException($"llama.cpp could not load '{path}'.");
        }

        _batch = library.NewBatch(mostTokens, 0, 1);
    }

    public float[] Embed(int[] tokens)
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
        var vector = new float[_width];
        Marshal.Copy(_library.VectorOf(_context, 0), vector, 0, _width);
        return vector;
    }

    public void Dispose()
    {
        _library.FreeContext(_context);
        _library.FreeModel(_model);
    }
}
