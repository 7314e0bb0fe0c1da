using System.Threading.Channels;
using Parley.Models;
using Parley.Protocol.Errors;
using Parley.Protocol.Generation;
using Parley.Tensors;

namespace Parley.Inference;

/// <summary>
/// Many sequences share one model: a loop on one thread that owns all state; requests and outputs cross by channels. It knows token ids,
/// never text, and neither templates nor stop strings (the <see cref="Replica"/> around it does). Equal weights, tokens, sampling and seed
/// give equal output, whatever else runs and however the work is cut.
/// </summary>
public sealed class Engine : IAsyncDisposable
{
    private readonly Channel<EngineCommand> _commands = Channel.CreateUnbounded<EngineCommand>(new() { SingleReader = true });
    private readonly EngineOptions _options;
    private readonly TimeProvider _time;
    private readonly ModelConfig _config;
    private readonly EngineLoop _loop;
    private readonly Thread? _thread;
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private long _arrivals;
    private volatile bool _stopping;

    /// <param name="decoder">The model; stays the caller's.</param>
    /// <param name="options">Sizes.</param>
    /// <param name="context">Where to compute; nobody else may compute on it while the engine lives. Stays the caller's.</param>
    /// <param name="time">The clock of the metrics.</param>
    /// <exception cref="ArgumentException">An option is out of range.</exception>
    public Engine(Decoder decoder, EngineOptions options, ComputeContext context, TimeProvider? time = null)
        : this(decoder, options, context, time, startThread: true)
    {
    }

    /// <summary>Without its thread when a test drives <see cref="Step"/> itself.</summary>
    internal Engine(Decoder decoder, EngineOptions options, ComputeContext context, TimeProvider? time, bool startThread)
    {
        (_options, _time, _config) = (options.Validate(), time ?? TimeProvider.System, decoder.Config);
        Metrics = new EngineMetrics(options.ModelName);
        _loop = new EngineLoop(decoder, options, context, Metrics, _time);
        if (startThread)
        {
            _thread = new Thread(Loop) { IsBackground = true, Name = $"engine {options.ModelName}" };
            _thread.Start();
        }
    }

    public EngineMetrics Metrics { get; }

    /// <summary>Tokens that prompt and answer may have together: the model's context, or what the cache holds when that is less.</summary>
    public int ContextLength => _loop.ContextLength;

    /// <summary>Bytes of the KV cache when it is full; pages are touched as blocks come into use.</summary>
    public long CacheBytes => _loop.CacheBytes;

    /// <summary>Blocks of 16 positions in the cache.</summary>
    public int CacheBlocks => _loop.Blocks.Total;

    internal EngineLoop State => _loop;

    /// <summary>
    /// Takes the choices of one generation up, all or none. The outputs of each end with one that has
    /// <see cref="EngineOutput.Finish"/> set; the reader completes when all have ended.
    /// </summary>
    /// <exception cref="ArgumentException">A prompt is empty, too long, or has an id outside the vocabulary; an adapter is not of this model, or freed.</exception>
    /// <exception cref="ParleyException">429: too many sequences wait already.</exception>
    /// <exception cref="ObjectDisposedException">The engine has stopped.</exception>
    public ChannelReader<EngineOutput> Submit(params IReadOnlyList<EngineRequest> requests) => Submit(requests, isAdmitted: false);

    /// <param name="requests">As above.</param>
    /// <param name="isAdmitted">They belong to a call of which a part was taken up already: they are not refused any more.</param>
    internal ChannelReader<EngineOutput> Submit(IReadOnlyList<EngineRequest> requests, bool isAdmitted)
    {
        ArgumentOutOfRangeException.ThrowIfZero(requests.Count);
        foreach (var request in requests)
        {
            Check(request);
        }

        Hold(requests);
        try
        {
            return Enqueue(requests, isAdmitted);
        }
        catch
        {
            Release(requests, requests.Count);
            throw;
        }
    }

    /// <summary>Stops a generation, or one choice of it, before the next step; what has ended or is unknown is left alone.</summary>
    public void Cancel(Guid id, int? choice = null) => _commands.Writer.TryWrite(new() { Cancelled = id, Choice = choice });

    /// <summary>Lets a verification see the logits of every row that is sampled; null ends it. The span is valid during the call, on the engine's thread.</summary>
    internal void ObserveLogits(LogitsObserver? observer) => _loop.Observer = observer;

    /// <summary>Stops the thread and ends what still runs as cancelled.</summary>
    public async ValueTask DisposeAsync()
    {
        if (!_commands.Writer.TryComplete())
        {
            return;
        }

        _stopping = true;
        if (_thread is not null)
        {
            await _ended.Task;
        }
        else
        {
            Drain();
        }

        _loop.Dispose();
        Metrics.Dispose();
    }

    /// <summary>Takes up what was submitted and stopped, then runs one batch. False when there was nothing to run.</summary>
    internal bool Step()
    {
        Drain();
        return _loop.Step();
    }

    private ChannelReader<EngineOutput> Enqueue(IReadOnlyList<EngineRequest> requests, bool isAdmitted)
    {
        if (!_loop.Queue.TryEnter(requests.Count, isAdmitted))
        {
            throw ParleyException.TooManyRequests(
                $"The queue of model '{_options.ModelName}' is full ({_options.MaxWaiting} sequences at most may wait); try again after the time in Retry-After.",
                "queue_full",
                _loop.Queue.RetryAfter);
        }

        var sequences = Sequences(requests);
        ObjectDisposedException.ThrowIf(!_commands.Writer.TryWrite(new() { Submitted = sequences }), this);
        return sequences[0].Output;
    }

    private void Drain()
    {
        while (_commands.Reader.TryRead(out var command))
        {
            _loop.Handle(command);
        }
    }

    private void Loop()
    {
        do
        {
            while (!_stopping && Step())
            {
            }
        }
        while (!_stopping && _commands.Reader.WaitToReadAsync().AsTask().GetAwaiter().GetResult());
        Drain();
        _loop.CancelAll();
        _ended.SetResult();
    }

    // From here on each sequence has a holder, which the loop lets go of when the sequence ends.
    private static void Hold(IReadOnlyList<EngineRequest> requests)
    {
        for (var i = 0; i < requests.Count; i++)
        {
            if (requests[i].Adapter is { } adapter && !adapter.TryHold())
            {
                Release(requests, i);
                throw new ArgumentException("The adapter is freed already; hold it while requests with it are submitted.");
            }
        }
    }

    private static void Release(IReadOnlyList<EngineRequest> requests, int count)
    {
        for (var i = 0; i < count; i++)
        {
            requests[i].Adapter?.Release();
        }
    }

    private Sequence[] Sequences(IReadOnlyList<EngineRequest> requests)
    {
        var outputs = requests.Sum(request => 1L + Math.Max(0, Sequence.LimitOf(request, ContextLength) - request.Prompt.Length - request.ResumeFrom.Length));
        var output = new OutputStream(requests.Count, (int)Math.Min(outputs, int.MaxValue));
        var submitted = _time.GetTimestamp();
        var priorityTicks = (long)(_options.PriorityStep.TotalSeconds * _time.TimestampFrequency);
        return
        [
            .. requests.Select(request => new Sequence(request, ContextLength, Interlocked.Increment(ref _arrivals), output)
            {
                Submitted = submitted,
                PriorityTicks = priorityTicks,
            }),
        ];
    }

    private void Check(EngineRequest request)
    {
        if (request.Prompt.IsEmpty)
        {
            throw new ArgumentException("The prompt is empty; give at least one token.");
        }

        if (request.Pooling == Pooling.Rank ? _config.Classes == 0 : request.Pooling == Pooling.None && !_config.Causal)
        {
            throw new ArgumentException($"A {_config.Architecture} model with {_config.Classes} classes cannot be asked for pooling {request.Pooling}; ask for what it can do.");
        }

        if (request.Prompt.Length >= ContextLength && (request.Pooling == Pooling.None || request.Prompt.Length > ContextLength))
        {
            throw new ArgumentException($"The prompt has {request.Prompt.Length} tokens and the context holds {ContextLength}; shorten it.");
        }

        if (request.PromptScoresFrom < 1 || request.PromptScoresFrom > request.Prompt.Length)
        {
            throw new ArgumentException(
                $"The prompt's scores are to begin at token {request.PromptScoresFrom}; it must lie between 1 and the prompt's length ({request.Prompt.Length}).");
        }

        if (Math.Abs((long)request.Priority) > EngineRequest.HighestPriority)
        {
            throw new ArgumentException(
                $"The priority is {request.Priority}; it must lie between -{EngineRequest.HighestPriority} and {EngineRequest.HighestPriority}.");
        }

        if (request.Adapter is { } adapter && !adapter.Fits(_config))
        {
            throw new ArgumentException("The adapter was made for a model of another shape; load it for this one.");
        }

        CheckIds(request.Prompt.Span, nameof(request.Prompt));
        CheckIds(request.ResumeFrom.Span, nameof(request.ResumeFrom));
        if (request.Constraint is not null)
        {
            CheckConstraint(request);
        }
    }

    private void CheckConstraint(EngineRequest request)
    {
        CheckIds([.. request.StopTokenIds], nameof(request.StopTokenIds));
        if (request.StopTokenIds.Count == 0)
        {
            throw new ArgumentException("A constrained answer ends by an end token, and none is given; set StopTokenIds.");
        }

        if (Sequence.ConstraintOf(request) is null)
        {
            throw new ArgumentException("The tokens to resume from do not satisfy the constraint; resume with the one that they were made under.");
        }
    }

    private void CheckIds(ReadOnlySpan<int> ids, string name)
    {
        foreach (var id in ids)
        {
            if ((uint)id >= (uint)_config.VocabularySize)
            {
                throw new ArgumentException($"{name} has the token id {id}; the vocabulary has ids 0 to {_config.VocabularySize - 1}.");
            }
        }
    }
}
