using System.Globalization;

namespace Parley.Corpus.Generators.SimpleDialogueTopics;

/// <summary>The calendar and the units: days, months, seasons, how many of this make one of that.</summary>
internal static class MeasureTopics
{
    private static readonly string[] Days = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"];

    private static readonly string[] Months =
        ["January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December"];

    private static readonly string[] Ordinals =
        ["first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth", "eleventh", "twelfth"];

    public static void Calendar(DialogueDraft draft)
    {
        var (names, unit, whole) = draft.Random.Chance(0.5) ? (Days, "day", "week") : (Months, "month", "year");
        var at = draft.Random.Next(names.Length);
        var (name, next, previous) = (names[at], names[(at + 1) % names.Length], names[(at + names.Length - 1) % names.Length]);
        switch (draft.Random.Next(4))
        {
            case 0:
                draft.Say(
                    draft.Pick($"What {unit} comes after {name}?", $"Which {unit} comes after {name}?", $"Which {unit} follows {name}?"),
                    $"{next} comes after {name}.");
                break;
            case 1:
                draft.Say(
                    draft.Pick($"What {unit} comes before {name}?", $"Which {unit} comes before {name}?", $"Which {unit} is before {name}?"),
                    $"{previous} comes before {name}.");
                break;
            case 2 when unit == "month":
                draft.Say(
                    draft.Pick($"What is the {Ordinals[at]} month of the year?", $"Which month is the {Ordinals[at]}?"),
                    $"{name} is the {Ordinals[at]} month of the year.");
                break;
            default:
                draft.Say(
                    draft.Pick($"What are the {unit}s of the {whole}?", $"Name all {unit}s of the {whole}.", $"List the {unit}s of the {whole}."),
                    $"The {unit}s of the {whole} are {string.Join(", ", names[..^1])} and {names[^1]}.");
                break;
        }
    }

    /// <summary>The day today is given, or the season of a month in the north is asked for.</summary>
    public static void Season(DialogueDraft draft)
    {
        if (draft.Random.Chance(0.5))
        {
            var at = draft.Random.Next(Days.Length);
            var (today, tomorrow, yesterday) = (Days[at], Days[(at + 1) % 7], Days[(at + 6) % 7]);
            if (draft.Random.Chance(0.5))
                draft.SayLegibly(
                    draft.Pick($"Today is {today}. What day is tomorrow?", $"If today is {today}, what is tomorrow?"),
                    $"If today is {today}, tomorrow is {tomorrow}.");
            else
                draft.SayLegibly(
                    draft.Pick($"Today is {today}. What day was yesterday?", $"If today is {today}, what was yesterday?"),
                    $"If today is {today}, yesterday was {yesterday}.");
            return;
        }

        // The months in the middle of their season: March, June, September and December begin in one and end in the next.
        var (month, season) = draft.Random.Pick<(string, string)>(
        [
            ("January", "winter"), ("February", "winter"), ("April", "spring"), ("May", "spring"),
            ("July", "summer"), ("August", "summer"), ("October", "autumn"), ("November", "autumn"),
        ]);
        draft.Say(
            draft.Pick($"Which season is {month} in?", $"What season is it in {month}?", $"Is {month} in {season}?"),
            $"In the north of the world, {month} is in {season}.");
    }

    public static void Unit(DialogueDraft draft)
    {
        var row = draft.Random.Pick(WordTable.Units);
        var one = int.Parse(row[3], CultureInfo.InvariantCulture);
        var many = draft.Random.Chance(0.6) ? 1 : draft.Random.Between(2, 5);
        var large = many == 1 ? $"{Typing.Article(row[1])} {row[1]}" : $"{NumberWords.Of(many)} {row[2]}";
        draft.Say(
            draft.Pick(
                $"How many {row[0]} are in {large}?", $"How many {row[0]} are there in {large}?",
                $"How many {row[0]} {(many == 1 ? "does" : "do")} {large} have?"),
            $"There are {one * many} {row[0]} in {large}.");
    }
}
