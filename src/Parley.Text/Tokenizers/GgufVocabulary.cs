namespace Parley.Text;

/// <summary>The vocabulary arrays of GGUF metadata to a <see cref="BpeVocabulary"/>. Format: ggml/docs/gguf.md.</summary>
internal static class GgufVocabulary
{
    public const int Normal = 1;
    public const int Control = 3;

    public static BpeVocabulary Read(IReadOnlyList<string> tokens, IReadOnlyList<string> merges, IReadOnlyList<int> tokenTypes, string pre)
    {
        var special = new Dictionary<string, int>(StringComparer.Ordinal);
        for (var id = 0; id < tokenTypes.Count; id++)
        {
            if (tokenTypes[id] == Control)
                special.TryAdd(tokens[id], id);
        }

        SplitPattern pattern;
        try
        {
            pattern = SplitPattern.FromGguf(pre);
        }
        catch (ArgumentException error)
        {
            throw new InvalidDataException(error.Message, error);
        }

        return new BpeVocabulary(tokens, [.. merges.Select(TokenizerJson.ParseMerge)], special, pattern, ignoreMerges: pattern == SplitPattern.Llama3);
    }
}
