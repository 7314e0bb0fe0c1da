using Parley.Corpus.Generators;
using Parley.Text;

namespace Parley.Corpus.Bundled;

/// <summary>
/// Dialogues in which somebody begins a story and the assistant goes on with it: passages of a chapter, cut between paragraphs. They teach a chat model
/// that prose is asked for too, so that fine-tuning does not cost it what it read. What comes out of a chapter follows from the chapter alone.
/// </summary>
public static class BookContinuations
{
    public const string Source = "book-continuations";

    private const string Break = "\n\n";
    private const int ShortestBeginning = 160, ShortestAnswer = 240;

    private static readonly string[] Asks = ["Continue this story:", "Go on with this text:", "Please write what comes next.", "Write on from here.", "How does this go on?"];

    /// <param name="most">Dialogues of one chapter, spread over it.</param>
    /// <param name="longest">Characters of one dialogue at most.</param>
    public static IEnumerable<Dialogue> Of(Document chapter, int most, int longest)
    {
        var paragraphs = chapter.Text.Split(Break, StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        for (var i = 0; i < most; i++)
        {
            var id = $"continuation/{chapter.Id}/{i}";
            var (from, to) = (paragraphs.Length * i / most, paragraphs.Length * (i + 1) / most);
            if (Cut(paragraphs.AsSpan(from..to), longest) is not var (beginning, answer)) continue;
            var ask = Asks[StableHash.Of(id) % (ulong)Asks.Length];
            yield return new Dialogue(
                id, [new ChatTemplateMessage("user", ask + Break + beginning), new ChatTemplateMessage("assistant", answer)], Source, chapter.Licence);
        }
    }

    /// <summary>The first paragraphs as a beginning, and as many after them as there is room for.</summary>
    private static (string Beginning, string Answer)? Cut(ReadOnlySpan<string> paragraphs, int longest)
    {
        var (beginning, rest) = Take(paragraphs, ShortestBeginning, longest / 2);
        var room = longest - beginning.Length - Asks.Max(ask => ask.Length) - Break.Length;
        var (answer, _) = Take(rest, room, room);
        return beginning.Length >= ShortestBeginning && answer.Length >= ShortestAnswer ? (beginning, answer) : null;
    }

    /// <summary>Whole paragraphs up to at least <paramref name="enough"/> characters, but never more than <paramref name="most"/>.</summary>
    private static (string Text, string[] Left) Take(ReadOnlySpan<string> paragraphs, int enough, int most)
    {
        var (count, length) = (0, 0);
        while (count < paragraphs.Length && length < enough && length + paragraphs[count].Length <= most) length += paragraphs[count++].Length + Break.Length;
        return (string.Join(Break, paragraphs[..count]!), paragraphs[count..].ToArray());
    }
}
