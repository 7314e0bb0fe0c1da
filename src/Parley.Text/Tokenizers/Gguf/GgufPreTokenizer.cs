using System.Collections.Frozen;

namespace Parley.Text;

/// <summary>
/// What a name in <c>tokenizer.ggml.pre</c> stands for: the split pattern and habits that llama.cpp keeps by that name alone
/// (llama_vocab::impl::load). The names are those of the families served here and of all that share their patterns.
/// </summary>
/// <param name="IgnoresMerges">A word that is a token as a whole is not merged up from its bytes.</param>
/// <param name="AddsBegin">A whole text begins with BOS, unless the file says otherwise.</param>
/// <param name="CleansSpaces">llama_detokenize drops spaces before punctuation.</param>
internal sealed record GgufPreTokenizer(SplitPattern Pattern, bool IgnoresMerges = false, bool AddsBegin = false, bool CleansSpaces = false)
{
    private static readonly SplitPattern Default = SplitPattern.Of(
        "default", SplitExpressions.DefaultPunctuation, SplitExpressions.Gpt2, SplitExpressions.Digits, SplitExpressions.ThreeAsciiDigits);

    private static readonly SplitPattern Falcon = SplitPattern.Of("falcon", SplitExpressions.FalconPunctuation, SplitExpressions.Gpt2, SplitExpressions.ThreeAsciiDigits);
    private static readonly SplitPattern DigitByDigit = SplitPattern.Of("starcoder", SplitExpressions.Digit, SplitExpressions.Gpt2);
    private static readonly SplitPattern Qwen35 = SplitPattern.Of("qwen35", SplitExpressions.Qwen35);
    private static readonly SplitPattern Gpt4o = SplitPattern.Of("gpt-4o", SplitExpressions.Gpt4oOfLlamaCpp);
    private static readonly SplitPattern Tekken = SplitPattern.Of("tekken", SplitExpressions.TekkenOfLlamaCpp);
    private static readonly SplitPattern MiniCpm = SplitPattern.Of("minicpm5", SplitExpressions.ThreeDigits, SplitExpressions.MiniCpm);

    private static readonly SplitPattern DeepSeek = SplitPattern.Of(
        "deepseek-llm",
        SplitExpressions.LineBreak,
        SplitExpressions.DeepSeekLetters,
        SplitExpressions.DeepSeekPunctuation,
        SplitExpressions.TrailingSpaces,
        SplitExpressions.DeepSeekChinese,
        SplitExpressions.Digits);

    private static readonly SplitPattern DeepSeekCoder = SplitPattern.Of(
        "deepseek-coder",
        SplitExpressions.LineBreak,
        SplitExpressions.LettersAfterSpace,
        SplitExpressions.PunctuationAfterSpace,
        SplitExpressions.DeepSeekChinese,
        SplitExpressions.Digit);

    private static readonly SplitPattern DeepSeek3 = SplitPattern.Of(
        "deepseek-v3", SplitExpressions.ThreeDigits, SplitExpressions.DeepSeek3Chinese, SplitExpressions.DeepSeek3);

    private static readonly FrozenDictionary<string, GgufPreTokenizer> Names = List().ToFrozenDictionary(StringComparer.Ordinal);

    /// <summary>Every pattern that has a name in GGUF.</summary>
    public static IEnumerable<SplitPattern> Patterns => Names.Values.Select(known => known.Pattern).Distinct();

    /// <exception cref="ArgumentException">The name is not one of the known patterns.</exception>
    public static GgufPreTokenizer Find(string name) => Names.GetValueOrDefault(name)
        ?? throw new ArgumentException(
            $"The GGUF pre-tokenizer '{name}' is not supported; use a file with one of: {string.Join(", ", Names.Keys.Order(StringComparer.Ordinal))}.",
            nameof(name));

    private static Dictionary<string, GgufPreTokenizer> List()
    {
        var names = new Dictionary<string, GgufPreTokenizer>(StringComparer.Ordinal);
        Add(new(Default, CleansSpaces: true), "default");
        Add(new(SplitPattern.Gpt2, CleansSpaces: true), "gpt-2", "phi-2", "mpt", "olmo", "jais", "gigachat", "a.x-4.0", "mellum", "exaone4", "modern-bert");
        Add(new(SplitPattern.Gpt2, CleansSpaces: true), "jina-es", "jina-de", "jina-v2-es", "jina-v2-de", "jina-v1-en", "jina-v2-code", "roberta-bpe");
        Add(new(SplitPattern.Gpt2), "trillion", "granite-docling");
        Add(new(SplitPattern.Llama3, IgnoresMerges: true, AddsBegin: true, CleansSpaces: true), "llama-bpe", "llama3", "llama-v3", "falcon3", "falcon-h1", "pixtral");
        Add(new(SplitPattern.Llama3, IgnoresMerges: true, AddsBegin: true, CleansSpaces: true), "midm-2.0", "lfm2", "jina-v5-nano");
        Add(new(SplitPattern.Llama3, CleansSpaces: true), "smaug-bpe", "dbrx", "glm4", "chatglm-bpe");
        Add(new(SplitPattern.Qwen2), "qwen2", "deepseek-r1-qwen", "kormo", "f2llmv2", "hunyuan", "solar-open", "grok-2");
        Add(new(SplitPattern.Qwen2, CleansSpaces: true), "stablelm2", "megrez");
        Add(new(Qwen35), "qwen35");
        Add(new(DigitByDigit, CleansSpaces: true), "starcoder", "refact", "codeshell", "exaone", "minerva-7b", "mellum2");
        Add(new(DigitByDigit), "smollm", "command-r");
        Add(new(Falcon, CleansSpaces: true), "falcon");
        Add(new(Tekken, IgnoresMerges: true, AddsBegin: true), "tekken");
        Add(new(Gpt4o), "gpt-4o", "llama4", "kanana2", "talkie", "minimax-m2");
        Add(new(MiniCpm, IgnoresMerges: true, CleansSpaces: true), "minicpm5");
        Add(new(DeepSeek), "deepseek-llm");
        Add(new(DeepSeekCoder), "deepseek-coder");
        Add(new(DeepSeek3), "deepseek-v3", "hunyuan-dense", "joyai-llm");
        return names;

        void Add(GgufPreTokenizer known, params ReadOnlySpan<string> those)
        {
            foreach (var name in those)
                names.Add(name, known);
        }
    }
}
