using System.Runtime.InteropServices;

namespace Parley.Host.Benches.Engines;

/// <summary>
/// llama_model_params of the pinned libllama, kept as it comes from llama_model_default_params; larger than any version's, which the
/// calling convention allows for the last by-value argument.
/// </summary>
[StructLayout(LayoutKind.Explicit, Size = 256)]
internal struct LlamaModelParams;

/// <summary>The fields of llama_context_params that a bench sets, at the offsets of the pinned libllama.</summary>
[StructLayout(LayoutKind.Explicit, Size = 256)]
internal struct LlamaContextParams
{
    [FieldOffset(0)]
    public uint ContextTokens;

    [FieldOffset(4)]
    public uint BatchTokens;

    [FieldOffset(8)]
    public uint MicroBatchTokens;

    [FieldOffset(12)]
    public uint MaxSequences;

    [FieldOffset(28)]
    public int Threads;

    [FieldOffset(32)]
    public int BatchThreads;

    /// <summary>llama_pooling_type: -1 as the file says, 0 none, 1 mean, 2 the first token, 3 the last, 4 the classification head.</summary>
    [FieldOffset(44)]
    public int Pooling;

    /// <summary>-1 by llama.cpp's choice, 0 off, 1 on.</summary>
    [FieldOffset(52)]
    public int FlashAttention;

    /// <summary>A ggml type; 1 is F16.</summary>
    [FieldOffset(104)]
    public int KeyType;

    [FieldOffset(108)]
    public int ValueType;

    /// <summary>1 where vectors are wanted and no logits.</summary>
    [FieldOffset(128)]
    public byte Embeddings;

    /// <summary>Whether the defaults stand where they are expected: another release may have another layout.</summary>
    public readonly bool HasKnownDefaults =>
        (ContextTokens, BatchTokens, MicroBatchTokens, MaxSequences) == (512, 2048, 512, 1)
        && (Threads, BatchThreads, FlashAttention, KeyType, ValueType) == (4, 4, -1, 1, 1)
        && (Pooling, Embeddings) == (-1, 0);
}

/// <summary>llama_batch: parallel native arrays over its tokens.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct LlamaBatch
{
    public int Count;
    public nint Tokens;
    public nint Embeddings;
    public nint Positions;
    public nint SequenceCounts;
    public nint Sequences;
    public nint WantsLogits;

    /// <summary>Writes one row; the arrays are the batch's own.</summary>
    public readonly void Put(int row, int token, int position, int sequence, bool wantsOutput)
    {
        Marshal.WriteInt32(Tokens, row * sizeof(int), token);
        Marshal.WriteInt32(Positions, row * sizeof(int), position);
        Marshal.WriteInt32(SequenceCounts, row * sizeof(int), 1);
        Marshal.WriteInt32(Marshal.ReadIntPtr(Sequences, row * nint.Size), 0, sequence);
        Marshal.WriteByte(WantsLogits, row, wantsOutput ? (byte)1 : (byte)0);
    }
}
