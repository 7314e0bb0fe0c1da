using System.Collections.Frozen;

namespace Parley.Text;

/// <summary>
/// The control tokens of a vocabulary by text and by role. Roles are recognised by the names the field uses
/// (<c>&lt;|endoftext|&gt;</c>, <c>&lt;|im_start|&gt;</c> ...); a vocabulary need not have all of them.
/// </summary>
public sealed class SpecialTokens
{
    public const string EndOfTextName = "<|endoftext|>";
    public const string ImStartName = "<|im_start|>";
    public const string ImEndName = "<|im_end|>";

    private static readonly string[] BeginNames = ["<|begin_of_text|>", "<s>", "<bos>"];
    private static readonly string[] EndNames = [EndOfTextName, "<|end_of_text|>", "</s>", "<eos>"];
    private static readonly string[] PadNames = ["<|pad|>", "<pad>", "<|padding|>"];

    private readonly FrozenDictionary<string, int> _ids;
    private readonly FrozenDictionary<int, string> _texts;
    private readonly int? _endOfText, _imStart, _imEnd;

    public SpecialTokens(IReadOnlyDictionary<string, int> ids)
    {
        _ids = ids.ToFrozenDictionary(StringComparer.Ordinal);
        _texts = ids.GroupBy(pair => pair.Value).ToFrozenDictionary(same => same.Key, same => same.First().Key);
        BeginOfText = First(BeginNames);
        Pad = First(PadNames);
        _endOfText = First(EndNames);
        _imStart = First([ImStartName]);
        _imEnd = First([ImEndName]);
    }

    /// <summary>The control tokens among added ones; of two with the same text the first.</summary>
    internal static SpecialTokens Of(IEnumerable<AddedToken> added)
    {
        var ids = new Dictionary<string, int>(StringComparer.Ordinal);
        foreach (var token in added.Where(token => token.IsControl))
            ids.TryAdd(token.Text, token.Id);
        return new SpecialTokens(ids);
    }

    /// <summary>What a vocabulary trained here holds, in id order: end of text, start and end of a message.</summary>
    public static IReadOnlyList<string> Default { get; } = [EndOfTextName, ImStartName, ImEndName];

    public int? BeginOfText { get; }

    public int? Pad { get; }

    /// <exception cref="InvalidOperationException">The vocabulary has no end-of-text token.</exception>
    public int EndOfText => _endOfText ?? throw Missing(EndOfTextName);

    /// <exception cref="InvalidOperationException">The vocabulary has no ChatML tokens.</exception>
    public int ImStart => _imStart ?? throw Missing(ImStartName);

    /// <exception cref="InvalidOperationException">The vocabulary has no ChatML tokens.</exception>
    public int ImEnd => _imEnd ?? throw Missing(ImEndName);

    /// <summary>True when messages can be framed in ChatML.</summary>
    public bool HasChatMl => _imStart.HasValue && _imEnd.HasValue;

    /// <summary>All special tokens in id order.</summary>
    public IEnumerable<KeyValuePair<string, int>> All => _ids.OrderBy(pair => pair.Value);

    public bool IsSpecial(int id) => _texts.ContainsKey(id);

    public bool TryGet(string text, out int id) => _ids.TryGetValue(text, out id);

    /// <summary>The written form of a special token; null for an ordinary one.</summary>
    public string? TextOf(int id) => _texts.GetValueOrDefault(id);

    private int? First(string[] names)
    {
        foreach (var name in names)
        {
            if (_ids.TryGetValue(name, out var id))
                return id;
        }

        return null;
    }

    private static InvalidOperationException Missing(string name) => new(
        $"The tokenizer has no special token {name}; use a vocabulary that holds it, or train one with it in SpecialTokens.");
}
