using Parley.Training.Batches;

namespace Parley.Training.Evaluation;

/// <summary>
/// The windows of held-out text that every evaluation of a run scores: always the same ones, spread evenly over the text.
/// </summary>
public static class HeldWindows
{
    private const int WindowsPerBatch = 4;

    /// <param name="stream">Held-out ids, at least two.</param>
    /// <param name="context">Ids of one window.</param>
    /// <param name="endOfText">The id that parts documents.</param>
    /// <param name="mostTokens">At most about this many ids are scored.</param>
    public static IReadOnlyList<Batch> Of(TokenStream stream, int context, int endOfText, int mostTokens)
    {
        context = (int)Math.Min(context, stream.Count - 1);
        if (context < 1) return [];
        var all = (stream.Count - 1) / context;
        var windows = Math.Clamp(mostTokens / context, 1, all);
        var starts = Enumerable.Range(0, (int)windows).Select(i => i * all / windows * context);
        return [.. starts.Chunk(WindowsPerBatch).Select(chunk => Read(stream, chunk, context, endOfText))];
    }

    private static Batch Read(TokenStream stream, long[] starts, int context, int endOfText)
    {
        var batch = new BatchRows(starts.Length * context);
        var window = new int[context + 1];
        foreach (var start in starts)
        {
            stream.Read(start, window);
            batch.AddIds(window);
            batch.AddSpans(window.AsSpan(0, context), endOfText);
        }

        return batch.Build();
    }
}
