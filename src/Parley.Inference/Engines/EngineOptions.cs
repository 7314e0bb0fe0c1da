using Parley.Models;
using Parley.Tensors;

namespace Parley.Inference;

/// <summary>
/// How much an <see cref="Engine"/> may do at once and how much memory its cache may take. Immutable. Threads and kernels are not here:
/// they belong to the <see cref="ComputeContext"/>.
/// </summary>
public sealed record EngineOptions
{
    /// <summary>The model's name as metrics show it.</summary>
    public string ModelName { get; init; } = "model";

    /// <summary>Tokens in one step, of prompts and of running answers together; at least <see cref="MaxSequences"/>.</summary>
    public int MaxBatchTokens { get; init; } = 512;

    /// <summary>Sequences that run at once.</summary>
    public int MaxSequences { get; init; } = 32;

    /// <summary>Sequences that may wait for their first step; one more is refused.</summary>
    public int MaxWaiting { get; init; } = 256;

    /// <summary>Tokens of one prompt in one step at most; null: up to <see cref="MaxBatchTokens"/>.</summary>
    public int? PrefillChunk { get; init; }

    /// <summary>Blocks of 16 positions in the cache; null: <see cref="MaxSequences"/> sequences at full context, within <see cref="CacheByteLimit"/>.</summary>
    public int? CacheBlocks { get; init; }

    /// <summary>The most memory that a cache sized by itself takes.</summary>
    public long CacheByteLimit { get; init; } = 2L << 30;

    /// <summary>How keys and values are stored.</summary>
    public DType CacheDType { get; init; } = DType.F32;

    /// <summary>Blocks of 16 tokens that begin a new request and are still in the cache are not computed again. Changes no answer.</summary>
    public bool PrefixCache { get; init; } = true;

    /// <summary>
    /// Tokens of one sequence that are guessed from its own text and checked in one step, at most; 0: none. Changes no answer. A sequence whose
    /// guesses fail stops guessing for a while, and with many sequences at once nobody guesses.
    /// </summary>
    public int SpeculativeTokens { get; init; }

    /// <summary>The highest <see cref="SpeculativeTokens"/>.</summary>
    public const int MostSpeculativeTokens = 64;

    /// <summary>How much longer waiting one level of priority is worth.</summary>
    public TimeSpan PriorityStep { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>A sequence runs in one step or waits: an encoder's tokens see all of it.</summary>
    internal bool WholeSequences { get; private init; }

    /// <summary>These options for a model: an encoder has no cache to share, and takes its longest text in one step.</summary>
    internal EngineOptions For(ModelConfig config) => config.Causal ? this : this with
    {
        WholeSequences = true,
        MaxBatchTokens = Math.Max(MaxBatchTokens, config.ContextLength),
        PrefillChunk = null,
        PrefixCache = false,
        SpeculativeTokens = 0,
    };

    /// <summary>The number of cache blocks for a model; at least one block.</summary>
    internal int BlocksFor(ModelConfig config)
    {
        if (CacheBlocks is { } blocks)
        {
            return blocks;
        }

        var wanted = (long)MaxSequences * BlockAllocator.BlocksFor(config.ContextLength);
        var affordable = CacheByteLimit / KVCache.BytesPerBlock(config.Layers, config.KVHeads, config.HeadDim, CacheDType);
        return (int)Math.Clamp(Math.Min(wanted, affordable), 1, int.MaxValue);
    }

    /// <exception cref="ArgumentException">A number is out of range; the sentence names it.</exception>
    internal EngineOptions Validate()
    {
        Require(MaxSequences >= 1, $"{nameof(MaxSequences)} is {MaxSequences}; it must be at least 1.");
        Require(MaxBatchTokens >= MaxSequences, $"{nameof(MaxBatchTokens)} is {MaxBatchTokens}; it must be at least {nameof(MaxSequences)} ({MaxSequences}).");
        Require(MaxWaiting >= 1, $"{nameof(MaxWaiting)} is {MaxWaiting}; it must be at least 1.");
        Require(PrefillChunk is null or >= 1, $"{nameof(PrefillChunk)} is {PrefillChunk}; it must be at least 1.");
        Require(CacheBlocks is null or >= 1, $"{nameof(CacheBlocks)} is {CacheBlocks}; it must be at least 1.");
        Require(
            SpeculativeTokens is >= 0 and <= MostSpeculativeTokens,
            $"{nameof(SpeculativeTokens)} is {SpeculativeTokens}; it must lie between 0 and {MostSpeculativeTokens}.");
        Require(PriorityStep >= TimeSpan.Zero, $"{nameof(PriorityStep)} is {PriorityStep}; it cannot be negative.");
        return this;
    }

    private static void Require(bool holds, string sentence)
    {
        if (!holds)
        {
            throw new ArgumentException(sentence);
        }
    }
}
