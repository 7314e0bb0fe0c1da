namespace Parley.Text;

/// <summary>
/// The regular expressions that cut text into words before byte pairs are merged; no token crosses a cut. Most patterns are
/// one expression, some are several, each cutting what the one before left. The known ones have scanners of their own and a
/// name in GGUF (<c>tokenizer.ggml.pre</c>); any other one is taken from a tokenizer.json as it stands.
/// </summary>
public sealed class SplitPattern
{
    private readonly SplitStep[] _steps;

    internal SplitPattern(string? ggufName, params IReadOnlyList<SplitStep> steps) => (GgufName, _steps) = (ggufName, [.. steps]);

    /// <summary>GPT-2's pattern: a word with the space before it.</summary>
    public static SplitPattern Gpt2 { get; } = Of("gpt-2", SplitExpressions.Gpt2);

    /// <summary>GPT-4's pattern as Llama 3 writes it: numbers in groups of up to three digits.</summary>
    public static SplitPattern Llama3 { get; } = Of("llama-bpe", SplitExpressions.Llama3);

    /// <summary>GPT-4's pattern with every digit by itself, as Qwen2 writes it: small models add better digit by digit.</summary>
    public static SplitPattern Qwen2 { get; } = Of("qwen2", SplitExpressions.Qwen2);

    /// <summary>The expressions in order, one a line.</summary>
    public string Text => string.Join('\n', _steps.Select(step => step.Text));

    /// <summary>The pattern's name in GGUF; null when llama.cpp has none.</summary>
    public string? GgufName { get; }

    internal ReadOnlySpan<SplitStep> Steps => _steps;

    /// <summary>The scanner of a pattern that is one expression which matches every character; null for others.</summary>
    internal SplitStage? Whole => _steps is [{ IsPlain: true, Stage: { IsWhole: true } stage }] ? stage : null;

    /// <exception cref="ArgumentException">The text is not a regular expression.</exception>
    public static SplitPattern FromText(string text) => FromSteps([SplitStep.FromText(text)]);

    /// <exception cref="ArgumentException">The name is not one of the known patterns.</exception>
    public static SplitPattern FromGguf(string name) => GgufPreTokenizer.Find(name).Pattern;

    /// <summary>The known pattern of these steps, or a new one.</summary>
    internal static SplitPattern FromSteps(IReadOnlyList<SplitStep> steps) =>
        GgufPreTokenizer.Patterns.FirstOrDefault(known => known._steps.Length == steps.Count && known._steps.Zip(steps).All(pair => Same(pair.First, pair.Second)))
        ?? new SplitPattern(null, steps);

    internal static SplitPattern Of(string ggufName, params string[] expressions) => new(ggufName, [.. expressions.Select(SplitExpressions.Step)]);

    // Of expressions that match every character, what lies between the matches can as well be removed.
    private static bool Same(SplitStep known, SplitStep other) => other.IsPlain && ReferenceEquals(known.Stage, other.Stage);
}
