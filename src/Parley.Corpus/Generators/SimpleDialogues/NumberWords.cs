namespace Parley.Corpus.Generators.SimpleDialogueTopics;

/// <summary>English words for the numbers from 0 to 100.</summary>
internal static class NumberWords
{
    private static readonly string[] Small =
    [
        "zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve", "thirteen",
        "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen",
    ];

    private static readonly string[] Tens = ["twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety", "one hundred"];

    /// <exception cref="ArgumentOutOfRangeException"><paramref name="number"/> is not between 0 and 100.</exception>
    public static string Of(int number)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(number);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(number, 100);
        if (number < Small.Length)
            return Small[number];
        var tens = Tens[(number / 10) - 2];
        return number % 10 == 0 ? tens : $"{tens}-{Small[number % 10]}";
    }
}
