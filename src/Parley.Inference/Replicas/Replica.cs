using System.Runtime.CompilerServices;
using System.Threading.Channels;
using Parley.Models;
using Parley.Protocol.Errors;
using Parley.Protocol.Generation;
using Parley.Tensors;
using Parley.Text;

namespace Parley.Inference;

/// <summary>
/// A model that answers requests: template, detokenizer and stop strings around an <see cref="Inference.Engine"/>. It knows text and
/// nothing of batches. Steps 5 and 7 of a request's path are here, step 6 is the engine's.
/// </summary>
public sealed class Replica : IAdapterReplica, ITokenReplica, IAsyncDisposable
{
    private readonly LoadedModel _model;
    private readonly PromptRenderer _prompts;
    private readonly ConstraintCache _constraints;
    private readonly ModelDescription _description;
    private readonly ReplicaAdapters _adapters;

    /// <param name="model">Stays the caller's, and must outlive the replica.</param>
    /// <param name="context">Where to compute; this replica's alone while it lives.</param>
    /// <param name="options">Sizes; null: the defaults.</param>
    public Replica(LoadedModel model, ComputeContext context, EngineOptions? options = null)
        : this(model, new Engine(model.Decoder, (options ?? new()) with { ModelName = model.Id }, context))
    {
    }

    internal Replica(LoadedModel model, Engine engine)
    {
        (_model, Engine) = (model, engine);
        _prompts = new PromptRenderer(model, engine.ContextLength);
        _constraints = new ConstraintCache(model.Tokenizer);
        _description = model.Describe(engine.ContextLength);
        _adapters = new ReplicaAdapters(model, _description);
    }

    /// <summary>The model, then its adapters.</summary>
    public IReadOnlyList<ModelDescription> Models => [_description, .. _adapters.Models];

    public Engine Engine { get; }

    public async ValueTask DisposeAsync()
    {
        await Engine.DisposeAsync();
        _adapters.Dispose();
    }

    /// <inheritdoc/>
    public ModelDescription LoadAdapter(string name, string path, bool replaces = false)
    {
        _adapters.CheckName(name, replaces);
        try
        {
            var created = new DateTimeOffset(File.GetLastWriteTimeUtc(path)).ToUnixTimeSeconds();
            return _adapters.Add(name, AdapterFile.Load(path, _model.Config), created, replaces);
        }
        catch (ModelFormatException error)
        {
            throw ParleyException.InvalidRequest(error.Message, "lora_path");
        }
    }

    /// <summary>Serves an adapter from memory, which is owned from here on; see <see cref="LoadAdapter"/>.</summary>
    /// <exception cref="ParleyException">400: the name is taken or unusable; the adapter is freed.</exception>
    public ModelDescription AddAdapter(string name, Adapter adapter, bool replaces = false) => _adapters.Add(name, adapter, created: 0, replaces);

    /// <inheritdoc/>
    public bool UnloadAdapter(string name) => _adapters.Remove(name);

    public IReadOnlyList<int> Tokens(string model, GenerationInput input, bool addSpecial, CancellationToken cancellationToken = default) => input is GenerationInput.Text text
        ? _model.Tokenizer.Encode(text.Value, new(AddSpecial: addSpecial))
        : _prompts.RenderAnyLength(new() { Model = model, Input = input, Sampling = new() { Seed = 0 } }, cancellationToken).Ids;

    public string Text(string model, IReadOnlyList<int> ids)
    {
        RequestRules.CheckIds(ids, "tokens", _model);
        return _model.Tokenizer.DecodeText([.. ids]);
    }

    /// <inheritdoc/>
    /// <remarks>
    /// A resumed request counts the tokens of this run only: those before were counted when they were produced. Tokens that the engine
    /// sampled past a stop string before it heard of it are neither shown nor counted.
    /// </remarks>
    public async IAsyncEnumerable<GenerationEvent> Generate(
        GenerationRequest request, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        using var weights = _adapters.Choose(request);
        if (request.Vector is not null)
        {
            await foreach (var entry in Vectors(request, weights, cancellationToken))
            {
                yield return entry;
            }

            yield break;
        }

        var run = Start(request, weights, cancellationToken);
        try
        {
            using var cancellation = cancellationToken.UnsafeRegister(_ => Engine.Cancel(request.Id), null);
            yield return run.Started();
            while (await run.ReadAsync() is { } events)
            {
                foreach (var entry in events)
                {
                    yield return entry;
                }
            }
        }
        finally
        {
            // The reader may have left in mid-answer; what has ended already does not mind.
            Engine.Cancel(request.Id);
        }
    }

    private async IAsyncEnumerable<GenerationEvent> Vectors(
        GenerationRequest request, ChosenWeights weights, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        RequestRules.CheckPriority(request);
        var run = new VectorRun(request, _model, weights, Engine, cancellationToken);
        try
        {
            using var cancellation = cancellationToken.UnsafeRegister(_ => Engine.Cancel(request.Id), null);
            await foreach (var entry in run.Events())
            {
                yield return entry;
            }
        }
        finally
        {
            Engine.Cancel(request.Id);
        }
    }

    private ReplicaRun Start(GenerationRequest request, ChosenWeights weights, CancellationToken cancellationToken)
    {
        // Step 5: checked, rendered to token ids, handed to the scheduler.
        RequestRules.Check(request, _model);
        var prompt = _prompts.Render(request, cancellationToken);
        if (request.MaxOutputTokens is { } most && (long)prompt.Ids.Length + most > Engine.ContextLength)
        {
            throw ParleyException.AnswerTooLong(prompt.Ids.Length, most, Engine.ContextLength);
        }

        int[] endTokens = [.. _model.EndTokens, .. request.StopTokenIds];
        var choices = Enumerable.Range(0, request.Choices).Select(_ => new ChoiceStream(_model.Tokenizer, request, endTokens, Reader(request, prompt))).ToArray();
        var outputs = choices[0].Finish is null ? Submit(request, weights, prompt, endTokens) : null;
        return new ReplicaRun(request, _model, weights.Version, Engine, prompt, choices, outputs);
    }

    private AnswerReader? Reader(GenerationRequest request, RenderedPrompt prompt) => request.Input is GenerationInput.Chat
        ? new AnswerReader(
            _model.Format with { HasReasoning = prompt.MayThink && _model.Format.HasReasoning },
            prompt.IsThinking,
            request.Tools is { Choice: not ToolChoice.None } tools ? tools.Tools.Select(tool => tool.Name).ToHashSet(StringComparer.Ordinal) : null,
            AnswerGrammar.Certainty(request, _model.Format.Calls),
            prompt.IsCalling)
        : null;

    private ChannelReader<EngineOutput> Submit(GenerationRequest request, ChosenWeights weights, RenderedPrompt prompt, int[] endTokens)
    {
        int[] resumed = [.. request.ResumeFrom];
        var constraint = AnswerGrammar.Get(_constraints, _model, request, prompt);
        return Engine.Submit([.. Enumerable.Range(0, request.Choices).Select(choice => new EngineRequest
        {
            Id = request.Id,
            Choice = choice,
            Prompt = prompt.Ids,
            Adapter = weights.Adapter,
            ResumeFrom = resumed,
            Sampling = request.Sampling,
            MaxOutputTokens = request.MaxOutputTokens,
            StopTokenIds = endTokens,
            Constraint = constraint,
            DropsFirstSpace = _model.Tokenizer.AddsSpace && request.Input is GenerationInput.Chat,
            TopLogProbabilities = request.TopLogProbabilities,
            PromptLogProbabilities = request.EchoPrompt ? request.TopLogProbabilities : null,
            Priority = request.Priority,
        })]);
    }
}
