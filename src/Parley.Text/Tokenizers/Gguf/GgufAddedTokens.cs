using System.Collections.Frozen;

namespace Parley.Text;

/// <summary>
/// Which tokens of a GGUF vocabulary are looked for in the text, and which of them are control tokens: by their type, and by
/// the names that llama.cpp takes for control tokens whatever the file says.
/// </summary>
internal static class GgufAddedTokens
{
    private static readonly FrozenSet<string> ControlNames = FrozenSet.Create(
        StringComparer.Ordinal,
        "<|eot_id|>", "<|im_end|>", "<|end|>", "<|return|>", "<|call|>", "<|flush|>", "<|calls|>", "<end_of_turn>", "<|endoftext|>", "</s>", "<|eom_id|>",
        "<EOT>", "_<EOT>", "[EOT]", "[EOS]", "<|end_of_text|>", "<end_of_utterance>", "<eos>", "<turn|>", "<|tool_response>", "<｜end▁of▁sentence｜>", "[e~[",
        "<|fim_prefix|>", "<fim-prefix>", "<fim_prefix>", "<｜fim▁begin｜>", "<PRE>", "▁<PRE>", "<|code_prefix|>", "<|prefix|>",
        "<|fim_suffix|>", "<fim-suffix>", "<fim_suffix>", "<｜fim▁hole｜>", "<SUF>", "▁<SUF>", "<|code_suffix|>", "<|suffix|>",
        "<|fim_middle|>", "<fim-middle>", "<fim_middle>", "<｜fim▁end｜>", "<MID>", "▁<MID>", "<|code_middle|>", "<|middle|>",
        "<|fim_pad|>", "<fim-pad>", "<fim_pad>", "<PAD>", "[PAD]",
        "<|fim_repo|>", "<|repo_name|>", "<fim-repo>", "<REPO>", "<reponame>", "<|file_sep|>");

    private static readonly string[] AlwaysText = ["<|channel|>", "<|message|>", "<|start|>", "<|constrain|>"];

    /// <exception cref="InvalidDataException">Two of them have the same text, or one is too long.</exception>
    public static List<AddedToken> Of(GgufTokenizer source)
    {
        var added = new List<AddedToken>();
        var ids = new Dictionary<string, int>(StringComparer.Ordinal);
        var trims = source.Name.Contains("phi-3", StringComparison.OrdinalIgnoreCase) || source.Name.Contains("phi3", StringComparison.OrdinalIgnoreCase);
        for (var id = 0; id < source.Tokens.Count; id++)
        {
            var (text, type) = (source.Tokens[id], source.TypeOf(id));
            var isControl = (type is GgufTokenType.Control or GgufTokenType.Unknown || ControlNames.Contains(text)) && !AlwaysText.Contains(text);
            if (!isControl && type != GgufTokenType.UserDefined && !AlwaysText.Contains(text))
                continue;
            if (!ids.TryAdd(text, id))
                throw new InvalidDataException($"the token '{text}' has two ids, {ids[text]} and {id}");
            added.Add(new AddedToken(text, id) { IsControl = isControl, TrimsRight = trims && text is not ("<unk>" or "<s>" or "<|endoftext|>") }.Check());
        }

        return added;
    }
}
