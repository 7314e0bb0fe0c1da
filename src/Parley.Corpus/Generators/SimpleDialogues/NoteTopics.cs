using System.Globalization;
using Parley.Corpus.Generators.TinyWorlds;

namespace Parley.Corpus.Generators.SimpleDialogueTopics;

/// <summary>Polite small letters of two or three sentences: thanks, being late, birthdays, invitations.</summary>
internal static class NoteTopics
{
    private static readonly string[] Things =
        ["the book", "the coat", "the game", "the lamp", "the umbrella", "the bicycle", "the picture", "the scarf", "the cup"];

    private static readonly string[] Days = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"];

    public static void Write(DialogueDraft draft)
    {
        var row = draft.Random.Pick(WordTable.Notes);
        var (name, thing, day) = (draft.Random.Pick(TinyWorldWords.Names), draft.Pick(Things), draft.Pick(Days));
        var minutes = (5 * draft.Random.Between(2, 6)).ToString(CultureInfo.InvariantCulture);
        draft.SayLegibly(Fill(draft.Pick(row[0].Split(';'))), Fill(draft.Pick(row[1].Split(';'))));

        string Fill(string text) => text
            .Replace("{name}", name, StringComparison.Ordinal).Replace("{thing}", thing, StringComparison.Ordinal)
            .Replace("{day}", day, StringComparison.Ordinal)
            .Replace("{minutes}", minutes, StringComparison.Ordinal).Replace("\\n", "\n", StringComparison.Ordinal);
    }
}
