namespace Parley.Text;

/// <summary>What a tokenizer.json does to a text before it is cut: steps in order, each from text to text. Exact about nothing but the text.</summary>
internal sealed class TextNormalizer(IReadOnlyList<TextNormalizer.Step> steps)
{
    /// <param name="text">Well-formed.</param>
    /// <param name="isFirst">It is the very beginning of what is encoded.</param>
    public delegate string Step(string text, bool isFirst);

    public string Apply(string text, bool isFirst)
    {
        foreach (var step in steps)
            text = step(text, isFirst);
        return text;
    }
}
