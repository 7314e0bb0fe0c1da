using System.Text.RegularExpressions;

namespace Parley.Text;

/// <summary>What a tokenizer.json does to a text before it is cut: steps in order, each from text to text. Exact about nothing but the text.</summary>
internal sealed class TextNormalizer(IReadOnlyList<TextNormalizer.Step> steps)
{
    /// <param name="text">Well-formed.</param>
    /// <param name="isFirst">It is the very beginning of what is encoded.</param>
    public delegate string Step(string text, bool isFirst);

    // Unicode's longest expansion is 18 characters for one; replacements that follow each other could multiply without end.
    private const int MostGrowth = 32;
    private const int FreeGrowth = 1024;

    /// <exception cref="InvalidDataException">The steps take too long, or make far more of the text than there was.</exception>
    public string Apply(string text, bool isFirst)
    {
        var most = (MostGrowth * (long)text.Length) + FreeGrowth;
        try
        {
            foreach (var step in steps)
            {
                text = step(text, isFirst);
                if (text.Length > most)
                    throw new InvalidDataException($"the tokenizer's normalizer makes more than {most} characters of a shorter text; use a model with another one");
            }
        }
        catch (RegexMatchTimeoutException error)
        {
            throw new InvalidDataException("the tokenizer's normalizer takes too long; use a model with another one", error);
        }

        return text;
    }
}
