namespace Parley.Text;

/// <summary>The few fields of tokenizer_config.json that change what tokenizer.json says.</summary>
internal sealed record TokenizerConfig
{
    /// <summary>Classes of transformers that set the beginning and end themselves, whatever post_processor the file has.</summary>
    private static readonly string[] SettingClasses = ["Llama", "CodeLlama", "Gemma"];

    public string Class { get; init; } = "";

    public string? Begin { get; init; }

    public string? End { get; init; }

    public bool AddsBegin { get; init; } = true;

    public bool AddsEnd { get; init; }

    public static TokenizerConfig Read(JsonPart root) => new()
    {
        Class = root.Text("tokenizer_class", ""),
        Begin = TokenText(root, "bos_token"),
        End = TokenText(root, "eos_token"),
        AddsBegin = root.Flag("add_bos_token", true),
        AddsEnd = root.Flag("add_eos_token", false),
    };

    /// <summary>A token is written as its text or as an object with its content.</summary>
    public static string? TokenText(JsonPart root, string name) =>
        !root.TryGet(name, out var part) ? null : part.IsObject ? part.Text("content") : part.AsText();

    public TokenizerHabits Around(TokenizerHabits habits, string[] tokens)
    {
        if (!SettingClasses.Any(name => Class.StartsWith(name, StringComparison.Ordinal)))
            return habits;
        return habits with { Prefix = AddsBegin ? Ids(tokens, Begin) : [], Suffix = AddsEnd ? Ids(tokens, End) : [] };
    }

    private static int[] Ids(string[] tokens, string? text) => text is not null && Array.IndexOf(tokens, text) is >= 0 and var id ? [id] : [];
}
