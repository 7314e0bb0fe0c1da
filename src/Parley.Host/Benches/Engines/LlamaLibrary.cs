using System.Runtime.InteropServices;

namespace Parley.Host.Benches.Engines;

/// <summary>
/// The few functions of libllama that a bench calls, bound at run time from a folder of prebuilt binaries: nothing of llama.cpp is needed to
/// build or to serve. Knows no timing.
/// </summary>
internal sealed class LlamaLibrary
{
    private readonly BatchDecode _decode;
    private readonly OnPointer _synchronize;

    /// <param name="folder">Holds libllama, libggml and the CPU variants beside each other.</param>
    /// <exception cref="InvalidDataException">The folder lacks a library, or its structures are not those of the pinned release.</exception>
    public LlamaLibrary(string folder)
    {
        NativeLibrary.Load(Find(folder, "libggml-base"));
        var ggml = NativeLibrary.Load(Find(folder, "libggml."));
        var llama = NativeLibrary.Load(Find(folder, "libllama."));
        Bind<LogSet>(llama, "llama_log_set")(Silence, 0);
        Bind<LoadBackends>(ggml, "ggml_backend_load_all_from_path")(folder);
        Bind<Plain>(llama, "llama_backend_init")();
        LoadModel = Bind<ModelLoad>(llama, "llama_model_load_from_file");
        NewContext = Bind<ContextNew>(llama, "llama_init_from_model");
        _decode = Bind<BatchDecode>(llama, "llama_decode");
        NewBatch = Bind<BatchNew>(llama, "llama_batch_init");
        Memory = Bind<PointerOf>(llama, "llama_get_memory");
        ClearMemory = Bind<MemoryClear>(llama, "llama_memory_clear");
        LogitsOf = Bind<LogitsRow>(llama, "llama_get_logits_ith");
        VectorOf = Bind<LogitsRow>(llama, "llama_get_embeddings_seq");
        LoadAdapter = Bind<AdapterLoad>(llama, "llama_adapter_lora_init");
        SetAdapters = Bind<AdaptersSet>(llama, "llama_set_adapters_lora");
        FreeModel = Bind<OnPointer>(llama, "llama_model_free");
        FreeContext = Bind<OnPointer>(llama, "llama_free");
        _synchronize = Bind<OnPointer>(llama, "llama_synchronize");
        ModelDefaults = Bind<ModelDefaultsOf>(llama, "llama_model_default_params")();
        ContextDefaults = Bind<ContextDefaultsOf>(llama, "llama_context_default_params")();
        if (!ContextDefaults.HasKnownDefaults)
        {
            throw new InvalidDataException($"The llama.cpp in '{folder}' is not the release that this bench knows; remove the folder, and the right one is installed.");
        }
    }

    public delegate nint ModelLoad([MarshalAs(UnmanagedType.LPUTF8Str)] string path, LlamaModelParams options);

    public delegate nint ContextNew(nint model, LlamaContextParams options);

    private delegate int BatchDecode(nint context, LlamaBatch batch);

    public delegate LlamaBatch BatchNew(int tokens, int embedding, int sequences);

    public delegate nint PointerOf(nint context);

    public delegate void MemoryClear(nint memory, byte data);

    public delegate nint LogitsRow(nint context, int row);

    public delegate nint AdapterLoad(nint model, [MarshalAs(UnmanagedType.LPUTF8Str)] string path);

    public delegate int AdaptersSet(nint context, nint[] adapters, nuint count, float[] scales);

    public delegate void OnPointer(nint pointer);

    private delegate void LogLine(int level, nint text, nint user);

    private delegate void LogSet(LogLine log, nint user);

    private delegate void LoadBackends([MarshalAs(UnmanagedType.LPUTF8Str)] string folder);

    private delegate void Plain();

    private delegate LlamaModelParams ModelDefaultsOf();

    private delegate LlamaContextParams ContextDefaultsOf();

    public ModelLoad LoadModel { get; }

    public ContextNew NewContext { get; }

    public BatchNew NewBatch { get; }

    public PointerOf Memory { get; }

    public MemoryClear ClearMemory { get; }

    public LogitsRow LogitsOf { get; }

    /// <summary>The pooled vector of a sequence.</summary>
    public LogitsRow VectorOf { get; }

    /// <summary>A LoRA adapter for a model, which frees it in the end.</summary>
    public AdapterLoad LoadAdapter { get; }

    /// <summary>The adapters that a context computes with from now on, each with a factor beside its own scale; not 0 when it cannot.</summary>
    public AdaptersSet SetAdapters { get; }

    public OnPointer FreeModel { get; }

    public OnPointer FreeContext { get; }

    public LlamaModelParams ModelDefaults { get; }

    public LlamaContextParams ContextDefaults { get; }

    /// <summary>Computes a batch and waits for it.</summary>
    /// <exception cref="InvalidOperationException">llama.cpp could not.</exception>
    public void Run(nint context, LlamaBatch batch)
    {
        var result = _decode(context, batch);
        if (result != 0)
        {
            throw new InvalidOperationException($"llama_decode returned {result}.");
        }

        _synchronize(context);
    }

    // Kept in a field: native code holds it for as long as the process lives.
    private static readonly LogLine Silence = static (_, _, _) => { };

    private static T Bind<T>(nint library, string name)
        where T : Delegate => Marshal.GetDelegateForFunctionPointer<T>(NativeLibrary.GetExport(library, name));

    private static string Find(string folder, string prefix) =>
        Directory.EnumerateFiles(folder, prefix + "*.so").Order(StringComparer.Ordinal).FirstOrDefault()
        ?? throw new InvalidDataException($"'{folder}' has no {prefix}*.so; remove the folder, and the bench installs it again.");
}
