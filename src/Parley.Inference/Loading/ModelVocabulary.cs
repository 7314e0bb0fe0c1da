using Parley.Text;

namespace Parley.Inference;

/// <summary>What a model file says about its tokens beyond their text: which end an answer and which begin a document.</summary>
public sealed record ModelVocabulary
{
    /// <summary>Ids that end an answer.</summary>
    public IReadOnlyList<int> EndTokens { get; init; } = [];

    /// <summary>Ids that stand before every raw text.</summary>
    public IReadOnlyList<int> Prefix { get; init; } = [];

    /// <summary>The id that an empty text starts from; null when there is none.</summary>
    public int? DocumentStart { get; init; }

    /// <summary>The file's chat template; null: it has none, and a vocabulary with ChatML's tokens speaks ChatML.</summary>
    public ChatTemplateSource? Template { get; init; }

    /// <summary>By the names that the field gives special tokens.</summary>
    public static ModelVocabulary Of(Tokenizer tokenizer)
    {
        var special = tokenizer.Special;
        // Where a turn has several parts, <|end|> ends a part only (gpt-oss; so in llama.cpp).
        var hasParts = special.TryGet("<|return|>", out _) && special.TryGet("<|call|>", out _);
        var ends = EndNames.Where(name => special.TryGet(name, out _) && !(hasParts && name == "<|end|>")).Select(name => Id(special, name)).ToArray();
        return new()
        {
            EndTokens = ends,
            DocumentStart = special.BeginOfText ?? (special.TryGet(SpecialTokens.EndOfTextName, out var end) ? end : null),
        };
    }

    private static string[] EndNames =>
    [
        SpecialTokens.ImEndName, SpecialTokens.EndOfTextName, "<|end_of_text|>", "<|eot_id|>", "</s>", "<|eom_id|>", "<end_of_turn>", "<eos>", "<|end|>",
        "<|return|>", "<|call|>", "<end_of_utterance>", "<｜end▁of▁sentence｜>", "[EOS]", "[EOT]", "<EOT>", "<turn|>",
    ];

    private static int Id(SpecialTokens special, string name) => special.TryGet(name, out var id) ? id : throw new InvalidOperationException(name);
}
