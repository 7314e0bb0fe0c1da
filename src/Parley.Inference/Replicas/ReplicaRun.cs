using System.Threading.Channels;
using Parley.Protocol.Errors;
using Parley.Protocol.Generation;

namespace Parley.Inference;

/// <summary>
/// One generation from the engine's outputs to Protocol's events, in the order that <see cref="GenerationEvent"/> promises. Read by one
/// reader; ends after Completed or Failed.
/// </summary>
internal sealed class ReplicaRun(
    GenerationRequest request, LoadedModel model, string version, Engine engine, RenderedPrompt prompt, ChoiceStream[] choices, ChannelReader<EngineOutput>? outputs)
{
    private readonly TokenTexts _texts = new(model.Tokenizer);
    private readonly CallNumbers _calls = new(request, model.Format.Calls, choices.Select(choice => choice.ResumedCalls));
    private long _sequence;
    private bool _begun;
    private bool _ended;
    private int _cachedTokens;

    // The prompt is counted once however many choices share it; so is what the first of them found in the cache.
    private Usage Usage => new(prompt.Ids.Length, choices.Sum(choice => choice.Tokens), _cachedTokens, choices.Sum(choice => choice.ReasoningTokens));

    public GenerationEvent Started() =>
        Next(GenerationEventKind.Started) with { Usage = Usage, ModelVersion = version };

    /// <summary>The next events, at least one; null after the last.</summary>
    public async ValueTask<IReadOnlyList<GenerationEvent>?> ReadAsync()
    {
        if (_ended)
        {
            return null;
        }

        if (!_begun)
        {
            _begun = true;
            if (Beginning() is { Length: > 0 } beginning)
            {
                return beginning;
            }
        }

        try
        {
            return await NextDeltas() ?? End();
        }
#pragma warning disable CA1031 // a failed step is the stream's end, not the reader's exception
        catch (Exception error)
#pragma warning restore CA1031
        {
            return [Failed(error)];
        }
    }

    // What an earlier run owes, or the prompt where it is wanted without the log-probabilities that the engine must find first.
    private GenerationEvent[] Beginning() =>
        choices[0] is { Resumed: var text, ResumedReasoning: var thoughts } && text.Length + thoughts.Length > 0
            ? [Next(GenerationEventKind.Delta) with { Text = text, Reasoning = thoughts.Length > 0 ? thoughts : null }]
        : request is { EchoPrompt: true, TopLogProbabilities: null } ? [.. Enumerable.Range(0, choices.Length).Select(Echo)]
        : [];

    private GenerationEvent Echo(int choice) => Next(GenerationEventKind.Delta) with { Choice = choice, Text = prompt.Text };

    // No cancellation token here: a cancelled engine closes the channel itself, after the last token that it counted.
    private async ValueTask<IReadOnlyList<GenerationEvent>?> NextDeltas()
    {
        while (outputs is not null && await outputs.WaitToReadAsync(CancellationToken.None))
        {
            while (outputs.TryRead(out var output))
            {
                GenerationEvent?[] events = [EchoOf(output), Accept(output)];
                if (events.Any(entry => entry is not null))
                {
                    return [.. events.OfType<GenerationEvent>()];
                }
            }
        }

        return null;
    }

    private GenerationEvent? EchoOf(in EngineOutput output) =>
        output.Prompt is { } scores ? Echo(output.Choice) with { LogProbabilities = _texts.Describe(prompt, scores) } : null;

    // Step 7: a token becomes text and a delta. Null when there is nothing to tell.
    private GenerationEvent? Accept(in EngineOutput output)
    {
        var choice = choices[output.Choice];
        _cachedTokens = output.Choice == 0 ? output.CachedTokens : _cachedTokens;
        if (choice.Finish is not null)
        {
            return null;
        }

        var delta = choice.Accept(output, output is { Token: { } wanted, Top: { } top } ? _texts.Describe(wanted, output.LogProbability, top) : null);
        if (choice.Finish is not null && output.Finish is null)
        {
            engine.Cancel(request.Id, output.Choice);
        }

        var pieces = delta.Calls.Count > 0 ? _calls.Pieces(output.Choice, delta.Calls) : [];
        return output.Token is null && delta.IsEmpty ? null : Next(GenerationEventKind.Delta) with
        {
            Choice = output.Choice,
            Text = delta.Text,
            Reasoning = delta.Reasoning.Length > 0 ? delta.Reasoning : null,
            ToolCalls = pieces.Count > 0 ? pieces : null,
            TokenIds = output.Token is { } token ? [token] : [],
            LogProbabilities = delta.LogProbabilities,
        };
    }

    // Step 8: the end, exactly once.
    private GenerationEvent[] End()
    {
        _ended = true;
        return
        [
            .. choices.Select((choice, index) => Next(GenerationEventKind.Finished) with { Choice = index, FinishReason = choice.Finish }),
            Next(GenerationEventKind.Completed) with { Usage = Usage },
        ];
    }

    private GenerationEvent Failed(Exception error)
    {
        _ended = true;
        return Next(GenerationEventKind.Failed) with
        {
            Usage = Usage,
            Error = error is ParleyException known
                ? known.Error
                : new ParleyError($"The model '{model.Id}' failed in mid-answer; try again. ({error.Message})", "server_error", null, "engine_failed"),
        };
    }

    private GenerationEvent Next(GenerationEventKind kind) => new() { Generation = request.Id, Sequence = ++_sequence, Kind = kind };
}
