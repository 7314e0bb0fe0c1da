using System.Text.RegularExpressions;

namespace Parley.Text;

/// <summary>
/// The normalizer of a tokenizer.json. SentencePiece's two steps - a '▁' before the text, '▁' for spaces - are told apart from the
/// others, which are run on the text as they come.
/// </summary>
internal static class JsonNormalizers
{
    /// <param name="root">The file.</param>
    /// <param name="prefix">Whether a '▁' is put before the text.</param>
    /// <param name="escapes">Whether spaces become '▁'.</param>
    /// <returns>The other steps; null when there are none.</returns>
    public static TextNormalizer? Read(JsonPart root, out SpacePrefix prefix, out bool escapes)
    {
        (prefix, escapes) = (SpacePrefix.Never, false);
        var steps = new List<TextNormalizer.Step>();
        foreach (var part in Flatten(root))
        {
            var type = part.Text("type");
            if (type == "Prepend" && part.Text("prepend") == "▁")
                prefix = SpacePrefix.Always;
            else if (type == "Replace" && part.Get("pattern").TryGet("String", out var pattern) && (pattern.AsText(), part.Text("content")) == (" ", "▁"))
                escapes = true;
            else
                steps.Add(Step(part, type));
        }

        return steps.Count == 0 ? null : new TextNormalizer(steps);
    }

    public static TextNormalizer Then(TextNormalizer? first, TextNormalizer.Step step) =>
        new(first is null ? [step] : [(text, isFirst) => first.Apply(text, isFirst), step]);

    /// <summary>A normalizer of WordPiece: none, or BERT's.</summary>
    public static BertCleaner ReadBert(JsonPart root)
    {
        var cleaner = new BertCleaner { Lowercases = false, StripsAccents = false, DropsControl = false, CutsChinese = false };
        foreach (var part in Flatten(root))
        {
            switch (part.Text("type"))
            {
                case "BertNormalizer":
                    var lowercases = part.Flag("lowercase", true);
                    cleaner = new BertCleaner
                    {
                        Lowercases = lowercases,
                        StripsAccents = part.Flag("strip_accents", lowercases),
                        DropsControl = part.Flag("clean_text", true),
                        CutsChinese = part.Flag("handle_chinese_chars", true),
                    };
                    break;
                case "Lowercase":
                    cleaner = cleaner with { Lowercases = true };
                    break;
                case "StripAccents":
                    cleaner = cleaner with { StripsAccents = true };
                    break;
                case "NFD":
                    break; // what StripAccents asks for
                case var type:
                    part.Refuse($"a '{type}' before WordPiece");
                    break;
            }
        }

        return cleaner;
    }

    private static IEnumerable<JsonPart> Flatten(JsonPart root) => root.TryGet("normalizer", out var normalizer) ? Steps(normalizer) : [];

    private static IEnumerable<JsonPart> Steps(JsonPart part) =>
        part.Text("type") == "Sequence" ? part.List("normalizers").SelectMany(Steps) : [part];

    private static TextNormalizer.Step Step(JsonPart part, string type)
    {
        switch (type)
        {
            case "NFC":
                return (text, _) => CanonicalForms.Compose(text);
            case "NFD":
                return (text, _) => CanonicalForms.Decompose(text);
            case "Lowercase":
                return (text, _) => text.ToLowerInvariant();
            case "Strip":
                var (left, right) = (part.Flag("strip_left", true), part.Flag("strip_right", true));
                return (text, _) => left && right ? text.Trim() : left ? text.TrimStart() : right ? text.TrimEnd() : text;
            case "Prepend":
                var before = part.Text("prepend");
                return (text, _) => text.Length == 0 ? text : before + text;
            case "Replace":
                return Replace(part.Get("pattern"), part.Text("content"));
            default:
                part.Refuse($"a '{type}'");
                return (text, _) => text;
        }
    }

    private static TextNormalizer.Step Replace(JsonPart pattern, string content)
    {
        if (pattern.TryGet("String", out var literal))
        {
            var text = literal.AsText();
            return text.Length > 0 ? (whole, _) => whole.Replace(text, content, StringComparison.Ordinal) : throw literal.Error("is empty");
        }

        var regex = new Regex(pattern.Text("Regex"), RegexOptions.CultureInvariant, TimeSpan.FromSeconds(10));
        return (whole, _) => regex.Replace(whole, _ => content);
    }
}
