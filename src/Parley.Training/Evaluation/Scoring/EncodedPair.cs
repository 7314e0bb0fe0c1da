using Parley.Inference;
using Parley.Training.Evaluation.Tasks;

namespace Parley.Training.Evaluation.Scoring;

/// <summary>A context and its continuation as token ids, and where the scored ones begin.</summary>
/// <param name="Ids">At least two.</param>
/// <param name="From">At least 1.</param>
/// <param name="IsTruncated">The beginning was dropped to fit the context.</param>
internal sealed record EncodedPair(int[] Ids, int From, bool IsTruncated)
{
    /// <summary>
    /// As the harness encodes a pair: spaces at the context's end belong to the continuation, both are encoded as one text, and the
    /// continuation's tokens are those past the count that the context alone has. An empty context is the token that begins a document. Too
    /// long a text loses its beginning.
    /// </summary>
    /// <param name="pair">The texts.</param>
    /// <param name="model">Its tokenizer and what it wants before a text.</param>
    /// <param name="most">Tokens at most.</param>
    /// <exception cref="InvalidDataException">The continuation has no token, or there is none to put before it.</exception>
    public static EncodedPair Of(TextPair pair, LoadedModel model, int most)
    {
        var context = pair.Context.TrimEnd();
        var whole = model.Tokenizer.Encode(pair.Context + pair.Continuation);
        if (whole.Length == 0) throw new InvalidDataException("An answer without a token cannot be scored; remove the question.");
        var start = Math.Min(context.Length == 0 ? 0 : model.Tokenizer.Encode(context).Length, whole.Length - 1);
        IReadOnlyList<int> before = start > 0 || model.Prefix.Count > 0 ? model.Prefix : [Start(model)];
        int[] ids = [.. before, .. whole];
        var dropped = Math.Max(0, ids.Length - most);
        return new(ids[dropped..], Math.Max(1, before.Count + start - dropped), dropped > 0);
    }

    /// <summary>The token that stands before a text that follows nothing.</summary>
    public static int Start(LoadedModel model) => model.Prefix.Count > 0 ? model.Prefix[^1] : model.DocumentStart
        ?? throw new InvalidDataException(
            $"The model '{model.Id}' has no token that begins a document, and a text without context needs one; choose another task or model.");

    /// <summary>How many ids two texts share at their beginnings.</summary>
    public int SharedWith(EncodedPair other) => Ids.AsSpan().CommonPrefixLength(other.Ids);
}
