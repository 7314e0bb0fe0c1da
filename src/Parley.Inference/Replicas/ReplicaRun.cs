using System.Text;
using System.Threading.Channels;
using Parley.Protocol.Errors;
using Parley.Protocol.Generation;

namespace Parley.Inference;

/// <summary>
/// One generation from the engine's outputs to Protocol's events, in the order that <see cref="GenerationEvent"/> promises. Read by one
/// reader; ends after Completed or Failed.
/// </summary>
internal sealed class ReplicaRun(
    GenerationRequest request, LoadedModel model, Engine engine, int promptTokens, ChoiceStream[] choices, ChannelReader<EngineOutput>? outputs)
{
    private long _sequence;
    private bool _resumedShown;
    private bool _ended;
    private int _cachedTokens;

    // The prompt is counted once however many choices share it; so is what the first of them found in the cache.
    private Usage Usage => new(promptTokens, choices.Sum(choice => choice.Tokens), _cachedTokens);

    public GenerationEvent Started() =>
        Next(GenerationEventKind.Started) with { Usage = Usage, ModelVersion = model.Decoder.WeightsId };

    /// <summary>The next events, at least one; null after the last.</summary>
    public async ValueTask<IReadOnlyList<GenerationEvent>?> ReadAsync()
    {
        if (_ended)
        {
            return null;
        }

        if (!_resumedShown)
        {
            _resumedShown = true;
            if (choices[0].Resumed is { Length: > 0 } text)
            {
                return [Next(GenerationEventKind.Delta) with { Text = text }];
            }
        }

        try
        {
            return await NextDelta() is { } delta ? [delta] : End();
        }
#pragma warning disable CA1031 // a failed step is the stream's end, not the reader's exception
        catch (Exception error)
#pragma warning restore CA1031
        {
            return [Failed(error)];
        }
    }

    // No cancellation token here: a cancelled engine closes the channel itself, after the last token that it counted.
    private async ValueTask<GenerationEvent?> NextDelta()
    {
        while (outputs is not null && await outputs.WaitToReadAsync(CancellationToken.None))
        {
            while (outputs.TryRead(out var output))
            {
                if (Accept(output) is { } delta)
                {
                    return delta;
                }
            }
        }

        return null;
    }

    // Step 7: a token becomes text and a delta. Null when there is nothing to tell.
    private GenerationEvent? Accept(in EngineOutput output)
    {
        var choice = choices[output.Choice];
        _cachedTokens = output.Choice == 0 ? output.CachedTokens : _cachedTokens;
        if (choice.Finish is not null)
        {
            return null;
        }

        var text = choice.Accept(output);
        if (choice.Finish is not null && output.Finish is null)
        {
            engine.Cancel(request.Id, output.Choice);
        }

        if (output.Token is not { } token)
        {
            return text.Length > 0 ? Next(GenerationEventKind.Delta) with { Choice = output.Choice, Text = text } : null;
        }

        return Next(GenerationEventKind.Delta) with
        {
            Choice = output.Choice,
            Text = text,
            TokenIds = [token],
            LogProbabilities = output.Top is { } top ? [Describe(token, output.LogProbability, top)] : null,
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

    private TokenLogProbability Describe(int token, float logProbability, IReadOnlyList<TokenProbability> top) =>
        new(token, TextOf(token), logProbability, [.. top.Select(entry => new TokenLogProbability(entry.Token, TextOf(entry.Token), entry.LogProbability, []))]);

    private string TextOf(int token) => token < model.Tokenizer.VocabularySize
        ? model.Tokenizer.Special.TextOf(token) ?? Encoding.UTF8.GetString(model.Tokenizer.TokenBytes(token))
        : "";

    private GenerationEvent Next(GenerationEventKind kind) => new() { Generation = request.Id, Sequence = ++_sequence, Kind = kind };
}
