namespace Parley.Text;

/// <summary>The pre_tokenizer of a tokenizer.json: which kind of vocabulary it serves, and how it cuts.</summary>
internal sealed record JsonSplits
{
    public bool IsByteLevel { get; private init; }

    public bool IsBert { get; private init; }

    /// <summary>Set by Metaspace.</summary>
    public PieceSpaces? Pieces { get; private init; }

    /// <summary>ByteLevel's add_prefix_space.</summary>
    public bool AddsSpace { get; private init; }

    public IReadOnlyList<SplitStep> Steps { get; private init; } = [];

    public static JsonSplits Read(JsonPart root) =>
        root.TryGet("pre_tokenizer", out var part) ? Flatten(part).Aggregate(new JsonSplits(), (before, step) => before.With(step)) : new();

    private static IEnumerable<JsonPart> Flatten(JsonPart part) =>
        part.Text("type") == "Sequence" ? part.List("pretokenizers").SelectMany(Flatten) : [part];

    private JsonSplits With(JsonPart part)
    {
        var type = part.Text("type");
        switch (type)
        {
            case "ByteLevel":
                return WithByteLevel(part);
            case "Metaspace":
                return this with { Pieces = ReadMetaspace(part) };
            case "BertPreTokenizer":
                return this with { IsBert = true };
            case "Split":
                return WithSplit(part);
            case "Digits":
                return WithStep(part, SplitExpressions.Step(part.Flag("individual_digits", false) ? SplitExpressions.Digit : SplitExpressions.Digits));
            case "Punctuation" when part.Text("behavior", "Isolated") == "Contiguous":
                return WithStep(part, SplitExpressions.Step(SplitExpressions.FalconPunctuation));
            default:
                part.Refuse($"a '{type}'");
                return this;
        }
    }

    private JsonSplits WithByteLevel(JsonPart part)
    {
        var addsSpace = part.Flag("add_prefix_space", false);
        if (addsSpace && Steps.Count > 0)
            part.Refuse("a ByteLevel with add_prefix_space behind other steps");
        return this with
        {
            IsByteLevel = true,
            AddsSpace = addsSpace,
            Steps = part.Flag("use_regex", true) ? [.. Steps, SplitExpressions.Step(SplitExpressions.Gpt2)] : Steps,
        };
    }

    private JsonSplits WithSplit(JsonPart part)
    {
        var pattern = part.Get("pattern");
        var behavior = part.Text("behavior") switch
        {
            "Isolated" => SplitBehavior.Isolated,
            "Removed" => SplitBehavior.Removed,
            "MergedWithPrevious" => SplitBehavior.MergedWithPrevious,
            "MergedWithNext" => SplitBehavior.MergedWithNext,
            "Contiguous" => SplitBehavior.Contiguous,
            var other => throw part.Get("behavior").Error($"is '{other}', which is not supported"),
        };

        // Gemma's: no space is left when it comes to it.
        if (!IsByteLevel && pattern.TryGet("String", out var literal) && literal.AsText() == " " && behavior == SplitBehavior.MergedWithPrevious)
            return this;
        var text = pattern.TryGet("String", out literal) ? System.Text.RegularExpressions.Regex.Escape(literal.AsText()) : pattern.Text("Regex");
        try
        {
            return WithStep(part, SplitStep.FromText(text, behavior, part.Flag("invert", false)));
        }
        catch (ArgumentException error)
        {
            throw pattern.Error($"is a regular expression that cannot be run here ({error.Message})");
        }
    }

    // ByteLevel has mapped bytes to letters by then; only what asks for ASCII alone still finds what it means.
    private JsonSplits WithStep(JsonPart part, SplitStep step)
    {
        if (IsByteLevel && step.Text != SplitExpressions.ThreeAsciiDigits)
            part.Refuse("a step behind ByteLevel");
        return this with { Steps = [.. Steps, step] };
    }

    private static PieceSpaces ReadMetaspace(JsonPart part)
    {
        if (part.Text("replacement", "▁") != "▁")
            part.Get("replacement").Refuse($"'{part.Text("replacement")}'");
        var scheme = part.Text("prepend_scheme", part.Flag("add_prefix_space", true) ? "always" : "never");
        return new PieceSpaces
        {
            CutsEverySpace = part.Flag("split", true),
            Prefix = scheme switch
            {
                "always" => SpacePrefix.UnlessThere,
                "first" => SpacePrefix.First,
                "never" => SpacePrefix.Never,
                _ => throw part.Get("prepend_scheme").Error($"is '{scheme}', which is not supported"),
            },
        };
    }
}
