using System.Runtime.CompilerServices;
using Parley.Protocol.Errors;
using Parley.Protocol.Generation;

namespace Parley.Testing;

/// <summary>
/// A fake upstream: answers with a fixed script of deltas, one token each, and waits for the gate before every one when there is a gate.
/// </summary>
public sealed class ScriptedReplica(params IReadOnlyList<string> deltas) : IReplica
{
    public const string ModelId = "scripted";

    /// <summary>When set, every delta waits for one release.</summary>
    public SemaphoreSlim? Gate { get; init; }

    /// <summary>What is thought before the deltas, one token each.</summary>
    public IReadOnlyList<string> Thoughts { get; init; } = [];

    /// <summary>When set, the stream fails with this error after the last delta.</summary>
    public ParleyError? Failure { get; init; }

    /// <summary>The requests seen, in order.</summary>
    public List<GenerationRequest> Requests { get; } = [];

    public IReadOnlyList<ModelDescription> Models { get; } = [new(ModelId, "v-scripted", 1024, 1, 0)];

    public async IAsyncEnumerable<GenerationEvent> Generate(
        GenerationRequest request, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        Requests.Add(request);
        if (request.Model != ModelId)
        {
            throw ParleyException.UnknownModel(request.Model, [ModelId]);
        }

        long sequence = 0;
        GenerationEvent Next(GenerationEventKind kind) => new() { Generation = request.Id, Sequence = ++sequence, Kind = kind };
        const int promptTokens = 7;
        yield return Next(GenerationEventKind.Started) with { Usage = new Usage(promptTokens, 0), ModelVersion = "v-scripted" };
        var produced = 0;
        var finish = FinishReason.Stop;
        var script = Thoughts.Select(thought => (Reasoning: (string?)thought, Text: "")).Concat(deltas.Select(text => ((string?)null, text)));
        foreach (var (reasoning, text) in script.Skip(request.ResumeFrom.Count))
        {
            if (!await PassGate(cancellationToken))
            {
                finish = FinishReason.Cancelled;
                break;
            }

            produced++;
            yield return Next(GenerationEventKind.Delta) with { Text = text, Reasoning = reasoning, TokenIds = [100 + request.ResumeFrom.Count + produced] };
        }

        var usage = new Usage(promptTokens, produced);
        if (Failure is not null)
        {
            yield return Next(GenerationEventKind.Failed) with { Error = Failure, Usage = usage };
            yield break;
        }

        yield return Next(GenerationEventKind.Finished) with { FinishReason = finish };
        yield return Next(GenerationEventKind.Completed) with { Usage = usage };
    }

    private async Task<bool> PassGate(CancellationToken cancellationToken)
    {
        if (Gate is null)
        {
            return !cancellationToken.IsCancellationRequested;
        }

        try
        {
            await Gate.WaitAsync(cancellationToken);
            return true;
        }
        catch (OperationCanceledException)
        {
            return false;
        }
    }
}
