using System.Globalization;

namespace Parley.Corpus.Generators.SimpleDialogueTopics;

/// <summary>Sums a child can do: plus, minus and times, halves and doubles, larger and smaller. Mostly numbers up to 20, seldom up to 100.</summary>
internal static class ArithmeticTopics
{
    private static readonly string[] Countable =
        ["apples", "books", "coins", "cups", "eggs", "pens", "stones", "flowers", "stamps", "biscuits", "sweets", "balls", "nuts", "cards", "keys"];

    public static void Sum(DialogueDraft draft)
    {
        var (a, b) = Operands(draft.Random);
        if (draft.Random.Chance(0.4))
            Ask(draft, Math.Max(a, b), Math.Min(a, b), draft.Pick("-", "-", "minus"));
        else
            Ask(draft, a, b, draft.Pick("+", "+", "plus"));
    }

    public static void Times(DialogueDraft draft)
    {
        var limit = draft.Random.Chance(0.6) ? 5 : 10;
        Ask(draft, draft.Random.Between(0, 10), draft.Random.Between(0, limit), draft.Pick("times", "x", "*"));
    }

    /// <summary>Two or three sums in a row, each a short question after the first.</summary>
    public static void SumsInARow(DialogueDraft draft)
    {
        Sum(draft);
        for (var more = draft.Random.Between(1, 2); more > 0; more--)
        {
            var (a, b) = Operands(draft.Random);
            var plus = draft.Random.Chance(0.6);
            (a, b) = plus ? (a, b) : (Math.Max(a, b), Math.Min(a, b));
            var sign = plus ? draft.Pick("+", "plus") : draft.Pick("-", "minus");
            draft.Say(draft.Pick($"And {a} {sign} {b}?", $"{a} {sign} {b}?", $"And what is {a} {sign} {b}?"), Answer(a, b, sign));
        }
    }

    /// <summary>A sum told as a little story.</summary>
    public static void Problem(DialogueDraft draft)
    {
        var things = draft.Pick(Countable);
        var (a, b) = (draft.Random.Between(2, 12), draft.Random.Between(2, 8));
        if (draft.Random.Chance(0.5))
        {
            draft.Say(
                draft.Pick(
                    $"I have {a} {things} and get {b} more. How many {things} do I have?",
                    $"I had {a} {things} and found {b} more. How many do I have now?",
                    $"There are {a} {things} in one box and {b} in another. How many are there?"),
                $"{a} plus {b} is {a + b}, so the answer is {a + b} {things}.");
            return;
        }

        var all = a + b;
        draft.Say(
            draft.Pick(
                $"I have {all} {things} and give away {b}. How many {things} are left?",
                $"I had {all} {things} and lost {b}. How many do I have now?", $"There were {all} {things}, and {b} are gone. How many are left?"),
            $"{all} minus {b} is {a}, so {a} {things} are left.");
    }

    public static void HalfOrDouble(DialogueDraft draft)
    {
        var number = draft.Random.Chance(0.7) ? draft.Random.Between(1, 10) : draft.Random.Between(11, 50);
        if (draft.Random.Chance(0.5))
            draft.Say(
                draft.Pick($"What is half of {2 * number}?", $"Half of {2 * number}?", $"What's half of {2 * number}?"),
                $"Half of {2 * number} is {number}.");
        else
            draft.Say(
                draft.Pick($"What is double {number}?", $"What is the double of {number}?", $"Double {number}?", $"What is twice {number}?"),
                $"Double {number} is {2 * number}.");
    }

    public static void Compare(DialogueDraft draft)
    {
        var limit = draft.Random.Chance(0.6) ? 20 : 99;
        var a = draft.Random.Between(0, limit);
        var b = draft.Random.Between(0, limit);
        if (a == b)
            b++;
        var (small, large) = (Math.Min(a, b), Math.Max(a, b));
        switch (draft.Random.Next(4))
        {
            case 0:
                draft.Say(draft.Pick($"Which is smaller, {a} or {b}?", $"Which number is smaller: {a} or {b}?"), $"{small} is smaller than {large}.");
                break;
            case 1:
                draft.Say(
                    draft.Pick($"Is {a} larger than {b}?", $"Is {a} bigger than {b}?", $"Is {a} more than {b}?"),
                    $"{(a > b ? "Yes" : "No")}, {a} is {(a > b ? "larger" : "smaller")} than {b}.");
                break;
            default:
                draft.Say(
                    draft.Pick($"Which is larger, {a} or {b}?", $"Which number is bigger: {a} or {b}?", $"What is more, {a} or {b}?"),
                    $"{large} is larger than {small}.");
                break;
        }
    }

    public static void Parity(DialogueDraft draft)
    {
        var number = draft.Random.Between(0, draft.Random.Chance(0.7) ? 20 : 100);
        var (even, asked) = (number % 2 == 0, draft.Pick("even", "odd"));
        draft.Say(
            draft.Pick($"Is {number} {asked}?", $"Is {number} an {asked} number?"),
            $"{(even == (asked == "even") ? "Yes" : "No")}, {number} is {(even ? "even" : "odd")}.");
    }

    private static (int A, int B) Operands(CounterRandom random)
    {
        var kind = random.Next(100);
        if (kind < 60)
            return (random.Between(0, 10), random.Between(0, 10));
        if (kind < 85)
            return (random.Between(0, 20), random.Between(0, 20));
        var a = random.Between(10, 90);
        return (a, random.Chance(0.5) ? Math.Min(10 * random.Between(1, 9), 100 - a) : random.Between(1, Math.Min(20, 100 - a)));
    }

    private static void Ask(DialogueDraft draft, int a, int b, string sign)
    {
        var words = sign is "plus" or "minus" or "times" && Math.Max(a, b) <= 20 && draft.Random.Chance(0.3);
        var tight = sign is "+" or "-" or "*" && draft.Random.Chance(0.4);
        var sum = words ? $"{NumberWords.Of(a)} {sign} {NumberWords.Of(b)}" : tight ? $"{a}{sign}{b}" : $"{a} {sign} {b}";
        draft.Say(
            draft.Pick($"What is {sum}?", $"{sum}?", $"{sum} =", $"Calculate {sum}.", $"How much is {sum}?", $"What's {sum}?", $"{sum}"),
            Answer(a, b, sign, words));
    }

    private static string Answer(int a, int b, string sign, bool words = false)
    {
        var (word, result) = sign switch
        {
            "+" or "plus" => ("plus", a + b),
            "-" or "minus" => ("minus", a - b),
            _ => ("times", a * b),
        };
        return words ? $"{Typing.UpperFirst(Say(a))} {word} {Say(b)} is {Say(result)}." : $"{a} {word} {b} is {result}.";
    }

    private static string Say(int number) => number <= 100 ? NumberWords.Of(number) : number.ToString(CultureInfo.InvariantCulture);
}
