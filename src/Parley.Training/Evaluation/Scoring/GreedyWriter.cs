using Parley.Inference;
using Parley.Protocol.Generation;
using Parley.Text;

namespace Parley.Training.Evaluation.Scoring;

/// <summary>Writes answers with the likeliest token each time, on a serving engine, up to a stop text. It knows texts, not tasks.</summary>
public sealed class GreedyWriter(LoadedModel model, Engine engine)
{
    /// <summary>Continues a text; many calls may run at once. A prompt that leaves too little room loses its beginning.</summary>
    /// <param name="prompt">Not empty.</param>
    /// <param name="stops">Texts that end the answer; not part of it.</param>
    /// <param name="mostTokens">Tokens at most; never more than half of the context.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public async Task<(string Text, bool IsTruncated)> WriteAsync(
        string prompt, IReadOnlyList<string> stops, int mostTokens, CancellationToken cancellationToken)
    {
        var room = Math.Min(mostTokens, engine.ContextLength / 2);
        int[] ids = [.. model.Prefix, .. model.Tokenizer.Encode(prompt)];
        var dropped = Math.Max(0, ids.Length + room - engine.ContextLength);
        var request = new EngineRequest
        {
            Prompt = ids.AsMemory(dropped),
            Sampling = new SamplingParams { Seed = 0, Temperature = 0 },
            MaxOutputTokens = room,
            StopTokenIds = model.EndTokens,
        };
        var outputs = engine.Submit(request);
        using var cancellation = cancellationToken.UnsafeRegister(_ => engine.Cancel(request.Id), null);
        var (text, detokenizer) = ("", new StreamingDetokenizer(model.Tokenizer)); // it goes on with the prompt: a first space is its own
        await foreach (var output in outputs.ReadAllAsync(CancellationToken.None))
        {
            if (output.Token is not { } token || model.EndTokens.Contains(token)) continue;
            text += detokenizer.Push(token);
            if (StopIn(text, stops) < 0) continue;
            engine.Cancel(request.Id);
            break;
        }

        cancellationToken.ThrowIfCancellationRequested();
        text += detokenizer.Flush();
        var end = StopIn(text, stops);
        return (end < 0 ? text : text[..end], dropped > 0);
    }

    private static int StopIn(string text, IReadOnlyList<string> stops)
    {
        var found = stops.Select(stop => text.IndexOf(stop, StringComparison.Ordinal)).Where(at => at >= 0).ToArray();
        return found.Length == 0 ? -1 : found.Min();
    }
}
