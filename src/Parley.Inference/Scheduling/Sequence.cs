using Parley.Protocol.Generation;
using Parley.Tensors;

namespace Parley.Inference;

/// <summary>
/// One answer in the making: its tokens, how many of them the cache holds, and the blocks they lie in. Belongs to the engine's thread;
/// decides nothing but when it is at its end.
/// </summary>
internal sealed class Sequence
{
    private readonly int _limit;
    private readonly int[] _stopTokens;
    private int[] _tokens;
    private int[] _blocks = [];
    private int _keptBlocks;

    /// <param name="request">What to produce; the prompt is not empty.</param>
    /// <param name="contextLength">Tokens that prompt and answer may have together.</param>
    /// <param name="arrival">Rises from request to request.</param>
    /// <param name="output">Where its tokens go.</param>
    public Sequence(EngineRequest request, int contextLength, long arrival, OutputStream output)
    {
        (Request, Arrival, Output) = (request, arrival, output);
        _limit = LimitOf(request, contextLength);
        _stopTokens = [.. request.StopTokenIds];
        _tokens = [.. request.Prompt.Span, .. request.ResumeFrom.Span];
        Length = _tokens.Length;
        Counts = TokenCounts.For(request);
        Constraint = ConstraintOf(request);
        Scores = PromptScores.For(request);
        Pool = VectorPool.For(request);
    }

    public EngineRequest Request { get; }

    public OutputStream Output { get; }

    /// <summary>Place in the order of arrival; kept when preempted.</summary>
    public long Arrival { get; }

    /// <summary>Lower goes first: when it was submitted, put back in time by its priority. Time stamps of the engine's clock.</summary>
    public long Rank => Submitted - Request.Priority * PriorityTicks;

    /// <summary>How much waiting one level of priority is worth.</summary>
    public long PriorityTicks { get; init; } = 1;

    /// <summary>Prompt and answer so far.</summary>
    public int Length { get; private set; }

    /// <summary>Tokens whose keys and values are in the cache.</summary>
    public int Computed { get; private set; }

    /// <summary>Tokens still to be run through the model before the next one can be sampled.</summary>
    public int Pending => Length - Computed;

    /// <summary>Answer tokens that may still come.</summary>
    public int Left => _limit - Length;

    /// <summary>True once it has had a step, even if it was preempted since: it no longer counts as waiting for admission.</summary>
    public bool Admitted { get; set; }

    /// <summary>Prompt tokens that it found in the prefix cache when it was admitted.</summary>
    public int CachedTokens { get; private set; }

    /// <summary>Tokens already seen, when a penalty asks for them.</summary>
    public TokenCounts? Counts { get; }

    /// <summary>Which tokens may come next, when not all may.</summary>
    public TokenConstraint? Constraint { get; }

    /// <summary>How likely its prompt is, when the request asks for it.</summary>
    public PromptScores? Scores { get; }

    /// <summary>Where its hidden states are gathered, when the request asks for a vector: then nothing is sampled.</summary>
    public VectorPool? Pool { get; }

    /// <summary>How boldly its next tokens are guessed.</summary>
    public DraftPace Drafts { get; } = new();

    public int BlockCount { get; private set; }

    /// <summary>The cache blocks in the order of the positions they hold.</summary>
    public ReadOnlyMemory<int> Blocks => _blocks.AsMemory(0, BlockCount);

    /// <summary>The prefix cache's id of the last block it knows; meaningful once a block is kept.</summary>
    public long LastKept { get; private set; }

    /// <summary>The first block that is full and not yet known to the prefix cache.</summary>
    public int? NextToKeep => _keptBlocks < Computed / KVCache.BlockSize ? _keptBlocks : null;

    /// <summary>When it was submitted, and when its last token was sampled: time stamps of the engine's clock.</summary>
    public long Submitted { get; init; }

    public long? LastToken { get; set; }

    public ReadOnlySpan<int> Tokens => _tokens.AsSpan(0, Length);

    /// <summary>Why it is at its end, judged by its last token and its length; null while it goes on.</summary>
    public FinishReason? Ending
    {
        get
        {
            if (Pool is not null)
            {
                return null; // it ends with its vector
            }

            if (Length > Request.Prompt.Length && _stopTokens.AsSpan().Contains(_tokens[Length - 1]))
            {
                return FinishReason.Stop;
            }

            return Length >= _limit && Scores is not { IsDone: false } ? FinishReason.Length : null;
        }
    }

    /// <summary>Tokens that prompt and answer of a request have together at most.</summary>
    public static int LimitOf(EngineRequest request, int contextLength) =>
        (int)Math.Min(contextLength, (long)request.Prompt.Length + (request.MaxOutputTokens ?? contextLength));

    /// <summary>A request's constraint behind its resumed tokens; null without one, or when those break it.</summary>
    public static TokenConstraint? ConstraintOf(EngineRequest request)
    {
        var constraint = request.Constraint?.Start(request.StopTokenIds, request.DropsFirstSpace);
        foreach (var token in request.ResumeFrom.Span)
        {
            if (constraint?.Accept(token) is false)
            {
                return null;
            }
        }

        return constraint;
    }

    /// <summary>Called before its first step: all memory that its steps will write to is taken now, so that a step takes none.</summary>
    public void Admit()
    {
        if (!Admitted)
        {
            CachedTokens = Math.Min(Computed, Request.Prompt.Length);
            var tokens = GC.AllocateUninitializedArray<int>(Math.Max(Length, _limit));
            Tokens.CopyTo(tokens);
            _tokens = tokens;
            Counts?.Reserve(Left);
        }
    }

    /// <summary>Takes the token sampled at its end.</summary>
    public void Append(int token)
    {
        _tokens[Length++] = token;
        Counts?.AddGenerated(token);
        Constraint?.Accept(token);
    }

    /// <summary>The next <paramref name="count"/> tokens are in the cache now.</summary>
    public void Advance(int count) => Computed += count;

    /// <summary>Takes blocks until the next <paramref name="count"/> tokens have room; false, keeping what it got, when there are too few.</summary>
    public bool TryReserve(int count, BlockAllocator allocator)
    {
        var needed = BlockAllocator.BlocksFor(Computed + count);
        while (BlockCount < needed)
        {
            if (!allocator.TryAllocate(out var block))
            {
                return false;
            }

            AddBlock(block);
        }

        return true;
    }

    /// <summary>Its next 16 tokens lie in a block of the prefix cache.</summary>
    public void TakeShared(int block, long id)
    {
        AddBlock(block);
        Computed += KVCache.BlockSize;
        Kept(id);
    }

    /// <summary>The prefix cache knows one block more.</summary>
    public void Kept(long id) => (LastKept, _keptBlocks) = (id, _keptBlocks + 1);

    /// <summary>No block from here on is made known to the prefix cache.</summary>
    public void EndChain() => _keptBlocks = int.MaxValue;

    public void ReplaceBlock(int index, int block) => _blocks[index] = block;

    /// <summary>Gives all blocks back, the last first so that a shared beginning stays cached longest. Its tokens must be run again, or it has ended.</summary>
    public void ReleaseBlocks(BlockAllocator allocator)
    {
        while (BlockCount > 0)
        {
            allocator.Release(_blocks[--BlockCount]);
        }

        (Computed, _keptBlocks) = (0, 0);
        Pool?.Clear();
    }

    private void AddBlock(int block)
    {
        if (_blocks.Length == 0)
        {
            _blocks = new int[BlockAllocator.BlocksFor(_limit)];
        }

        _blocks[BlockCount++] = block;
    }
}
