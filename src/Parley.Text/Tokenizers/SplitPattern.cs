using System.Text.RegularExpressions;

namespace Parley.Text;

/// <summary>
/// The regular expression that cuts text into words before byte pairs are merged; no token crosses a cut. The known
/// patterns are compiled by the source generator and have a name in GGUF (<c>tokenizer.ggml.pre</c>); any other one is
/// taken from a tokenizer.json as it stands.
/// </summary>
public sealed partial class SplitPattern
{
    private const string Gpt2Text = @"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+";

    private const string Llama3Text =
        @"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+";

    private const string Qwen2Text =
        @"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+";

    private SplitPattern(string text, string? ggufName, Regex regex) => (Text, GgufName, Regex) = (text, ggufName, regex);

    /// <summary>GPT-2's pattern: a word with the space before it.</summary>
    public static SplitPattern Gpt2 { get; } = new(Gpt2Text, "gpt-2", Gpt2Regex());

    /// <summary>GPT-4's pattern as Llama 3 writes it: numbers in groups of up to three digits.</summary>
    public static SplitPattern Llama3 { get; } = new(Llama3Text, "llama-bpe", Llama3Regex());

    /// <summary>GPT-4's pattern with every digit by itself, as Qwen2 writes it: small models add better digit by digit.</summary>
    public static SplitPattern Qwen2 { get; } = new(Qwen2Text, "qwen2", Qwen2Regex());

    public string Text { get; }

    /// <summary>The pattern's name in GGUF; null when llama.cpp has none.</summary>
    public string? GgufName { get; }

    internal Regex Regex { get; }

    private static SplitPattern[] Known => [Gpt2, Llama3, Qwen2];

    /// <exception cref="ArgumentException">The text is not a regular expression.</exception>
    public static SplitPattern FromText(string text) =>
        Known.FirstOrDefault(pattern => pattern.Text == text)
        ?? new(text, null, new Regex(text, RegexOptions.CultureInvariant | RegexOptions.Compiled, TimeSpan.FromSeconds(10)));

    /// <exception cref="ArgumentException">The name is not one of the known patterns.</exception>
    public static SplitPattern FromGguf(string name) => Known.FirstOrDefault(pattern => pattern.GgufName == name)
        ?? throw new ArgumentException(
            $"The GGUF pre-tokenizer '{name}' is not supported; use a file with one of: {string.Join(", ", Known.Select(pattern => pattern.GgufName))}.",
            nameof(name));

    // No timeout: each alternative either fails on its first characters or takes a run, so matching is linear in the text.
#pragma warning disable MA0009
    [GeneratedRegex(Gpt2Text, RegexOptions.CultureInvariant)]
    private static partial Regex Gpt2Regex();

    [GeneratedRegex(Llama3Text, RegexOptions.CultureInvariant)]
    private static partial Regex Llama3Regex();

    [GeneratedRegex(Qwen2Text, RegexOptions.CultureInvariant)]
    private static partial Regex Qwen2Regex();
#pragma warning restore MA0009
}
