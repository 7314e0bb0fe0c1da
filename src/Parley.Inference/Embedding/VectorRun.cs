using System.Threading.Channels;
using Parley.Models;
using Parley.Protocol.Errors;
using Parley.Protocol.Generation;

namespace Parley.Inference;

/// <summary>
/// One request for vectors, as Protocol's events. Each input is a sequence of the engine among all others; of many inputs some enter at a
/// time, so that one caller does not fill the queue. Read by one reader; ends after Completed or Failed.
/// </summary>
internal sealed class VectorRun
{
    private const int AtOnce = 64;

    private readonly GenerationRequest _request;
    private readonly LoadedModel _model;
    private readonly ChosenWeights _weights;
    private readonly Engine _engine;
    private readonly IReadOnlyList<VectorPrompt> _prompts;
    private readonly VectorShape _shape;
    private readonly CancellationToken _cancellation;
    private ChannelReader<EngineOutput> _outputs;
    private int _submitted;
    private long _sequence;
    private int _cachedTokens;
    private ParleyError? _error;

    /// <exception cref="ParleyException">The request cannot be served.</exception>
    public VectorRun(GenerationRequest request, LoadedModel model, ChosenWeights weights, Engine engine, CancellationToken cancellationToken)
    {
        (_request, _model, _weights, _engine, _cancellation) = (request, model, weights, engine, cancellationToken);
        _shape = new VectorShape(request.Vector!, model);
        _prompts = new VectorPrompts(model, engine.ContextLength).Render(request);
        _outputs = Submit();
    }

    private Usage Usage => new(_prompts.Sum(prompt => prompt.Ids.Length), 0, _cachedTokens);

    public async IAsyncEnumerable<GenerationEvent> Events()
    {
        yield return Next(GenerationEventKind.Started) with { Usage = Usage, ModelVersion = _weights.Version };
        while (await ReadAsync() is { } output)
        {
            if (VectorOf(output) is { } vector)
            {
                yield return Next(GenerationEventKind.Delta) with { Choice = output.Choice, Vector = vector };
            }

            _cachedTokens += output.CachedTokens;
            yield return Next(GenerationEventKind.Finished) with { Choice = output.Choice, FinishReason = output.Finish };
        }

        yield return _error is { } error
            ? Next(GenerationEventKind.Failed) with { Usage = Usage, Error = error }
            : Next(GenerationEventKind.Completed) with { Usage = Usage };
    }

    private float[]? VectorOf(in EngineOutput output) => output switch
    {
        { Vector: { } pooled } => _shape.Of(pooled),
        { Prompt: { } scores } => VectorShape.Likelihood(scores, _prompts[output.Choice].SecondFrom),
        _ => null,
    };

    // The engine ends a cancelled sequence itself; those that it never got end here.
    private async ValueTask<EngineOutput?> ReadAsync()
    {
        try
        {
            while (!await _outputs.WaitToReadAsync(CancellationToken.None))
            {
                if (_submitted == _prompts.Count)
                {
                    return null;
                }

                if (_cancellation.IsCancellationRequested)
                {
                    return new EngineOutput { Choice = _submitted++, Finish = FinishReason.Cancelled };
                }

                _outputs = Submit();
            }

            return _outputs.TryRead(out var output) ? output : null;
        }
#pragma warning disable CA1031 // a failed step is the stream's end, not the reader's exception
        catch (Exception error)
#pragma warning restore CA1031
        {
            _error = error is ParleyException known
                ? known.Error
                : new ParleyError($"The model '{_model.Id}' failed on these inputs; try again. ({error.Message})", "server_error", null, "engine_failed");
            return null;
        }
    }

    private ChannelReader<EngineOutput> Submit()
    {
        var first = _submitted;
        var requests = _prompts.Skip(first).Take(AtOnce).Select((prompt, i) => new EngineRequest
        {
            Id = _request.Id,
            Choice = first + i,
            Adapter = _weights.Adapter,
            Prompt = prompt.Ids,
            SecondFrom = _shape.Pooling == Pooling.Rank ? prompt.SecondFrom : 0,
            PromptLogProbabilities = _shape.Pooling == Pooling.None ? 0 : null,
            Sampling = _request.Sampling,
            MaxOutputTokens = 0,
            Pooling = _shape.Pooling,
            Priority = _request.Priority,
        }).ToArray();
        var outputs = _engine.Submit(requests, isAdmitted: first > 0);
        _submitted += requests.Length;
        if (_cancellation.IsCancellationRequested)
        {
            _engine.Cancel(_request.Id); // whoever cancelled may have done so before these were there
        }

        return outputs;
    }

    private GenerationEvent Next(GenerationEventKind kind) => new() { Generation = _request.Id, Sequence = ++_sequence, Kind = kind };
}
