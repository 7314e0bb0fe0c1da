using Parley.Models;
using Parley.Text;

namespace Parley.Host.Verification;

/// <summary>Two vocabularies of a few dozen tokens, as GGUF has them: WordPiece and byte pairs.</summary>
internal static class TinyVocabularies
{
    private const int Control = 3; // llama.h, LLAMA_TOKEN_TYPE_CONTROL
    private static readonly string[] Special = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"];

    /// <summary>Special tokens, letters that begin a word and letters within, a few words, punctuation.</summary>
    public static IReadOnlyList<string> WordPieces { get; } =
    [
        .. Special,
        .. Letters.Select(letter => "\u2581" + letter),
        .. Letters,
        .. "the and cat sat on mat sea way".Split(' ').Select(word => "\u2581" + word),
        "at", "er", "\u2581,", "\u2581.",
    ];

    public static BpeTokenizer BytePairs { get; } =
        new BpeTrainer().Train(["the cat sat on the mat and the rat sat on the cat, the long way to the sea"], new() { VocabularySize = 280 });

    private static IEnumerable<string> Letters => Enumerable.Range('a', 26).Select(letter => ((char)letter).ToString());

    /// <summary>The keys of a bert vocabulary, as llama.cpp's converter writes them.</summary>
    public static IEnumerable<KeyValuePair<string, GgufValue>> WordPieceKeys() =>
    [
        new("tokenizer.ggml.model", "bert"),
        new("tokenizer.ggml.pre", "jina-v2-en"),
        new("tokenizer.ggml.tokens", (string[])[.. WordPieces]),
        new("tokenizer.ggml.token_type", (int[])[.. WordPieces.Select((_, id) => id < Special.Length ? Control : 1)]),
        new("tokenizer.ggml.padding_token_id", 0u),
        new("tokenizer.ggml.unknown_token_id", 1u),
        new("tokenizer.ggml.cls_token_id", 2u),
        new("tokenizer.ggml.bos_token_id", 2u),
        new("tokenizer.ggml.seperator_token_id", 3u),
        new("tokenizer.ggml.eos_token_id", 3u),
        new("tokenizer.ggml.mask_token_id", 4u),
    ];
}
