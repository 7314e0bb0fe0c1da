using Parley.Protocol.Generation;

namespace Parley.Inference;

/// <summary>
/// One answer in the making: its tokens, how many of them the cache holds, and the blocks they lie in. Belongs to the engine's thread;
/// decides nothing but when it is at its end.
/// </summary>
internal sealed class Sequence
{
    private readonly int _limit;
    private int[] _tokens;
    private int[] _blocks = [];

    /// <param name="request">What to produce; the prompt is not empty.</param>
    /// <param name="contextLength">Tokens that prompt and answer may have together.</param>
    /// <param name="arrival">Rises from request to request.</param>
    /// <param name="output">Where its tokens go.</param>
    public Sequence(EngineRequest request, int contextLength, long arrival, OutputStream output)
    {
        (Request, Arrival, Output) = (request, arrival, output);
        var (prompt, resumed) = (request.Prompt.Length, request.ResumeFrom.Length);
        _limit = (int)Math.Min(contextLength, (long)prompt + (request.MaxOutputTokens ?? contextLength));
        Length = prompt + resumed;
        _tokens = new int[Math.Max(Length, Math.Min(_limit, Length + 64))];
        request.Prompt.CopyTo(_tokens);
        request.ResumeFrom.CopyTo(_tokens.AsMemory(prompt));
        Counts = TokenCounts.For(request);
    }

    public EngineRequest Request { get; }

    public OutputStream Output { get; }

    /// <summary>Place in the order of arrival; kept when preempted.</summary>
    public long Arrival { get; }

    /// <summary>Prompt and answer so far.</summary>
    public int Length { get; private set; }

    /// <summary>Tokens whose keys and values are in the cache.</summary>
    public int Computed { get; private set; }

    /// <summary>Tokens still to be run through the model before the next one can be sampled.</summary>
    public int Pending => Length - Computed;

    /// <summary>True once it has had a step, even if it was preempted since: it no longer counts as waiting for admission.</summary>
    public bool Admitted { get; set; }

    /// <summary>Tokens already seen, when a penalty asks for them.</summary>
    public TokenCounts? Counts { get; }

    public int BlockCount { get; private set; }

    /// <summary>The cache blocks in the order of the positions they hold.</summary>
    public ReadOnlyMemory<int> Blocks => _blocks.AsMemory(0, BlockCount);

    /// <summary>When it was submitted, and when its last token was sampled: time stamps of the engine's clock.</summary>
    public long Submitted { get; init; }

    public long? LastToken { get; set; }

    public ReadOnlySpan<int> Tokens => _tokens.AsSpan(0, Length);

    /// <summary>Why it is at its end, judged by its last token and its length; null while it goes on.</summary>
    public FinishReason? Ending
    {
        get
        {
            if (Length > Request.Prompt.Length && Request.StopTokenIds.Contains(_tokens[Length - 1]))
            {
                return FinishReason.Stop;
            }

            return Length >= _limit ? FinishReason.Length : null;
        }
    }

    /// <summary>Takes the token sampled at its end.</summary>
    public void Append(int token)
    {
        if (Length == _tokens.Length)
        {
            Array.Resize(ref _tokens, Math.Min(_limit, Length * 2));
        }

        _tokens[Length++] = token;
        Counts?.AddGenerated(token);
    }

    /// <summary>The next <paramref name="count"/> tokens are in the cache now.</summary>
    public void Advance(int count) => Computed += count;

    /// <summary>Takes blocks until the next <paramref name="count"/> tokens have room; false, keeping what it got, when there are too few.</summary>
    public bool TryReserve(int count, BlockAllocator allocator)
    {
        var needed = BlockAllocator.BlocksFor(Computed + count);
        if (needed > _blocks.Length)
        {
            Array.Resize(ref _blocks, Math.Min(BlockAllocator.BlocksFor(_limit), Math.Max(needed, _blocks.Length * 2)));
        }

        while (BlockCount < needed)
        {
            if (!allocator.TryAllocate(out var block))
            {
                return false;
            }

            _blocks[BlockCount++] = block;
        }

        return true;
    }

    /// <summary>Gives all blocks back; its tokens must be run again (preemption by recompute) or it has ended.</summary>
    public void ReleaseBlocks(BlockAllocator allocator)
    {
        while (BlockCount > 0)
        {
            allocator.Release(_blocks[--BlockCount]);
        }

        Computed = 0;
    }
}
