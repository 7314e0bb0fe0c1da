using System.Text;
using System.Text.Json;

namespace Parley.Inference;

/// <summary>
/// What all JSON is made of, as pieces of a grammar. White space: none, or one space behind a comma and behind a colon. Like
/// <see cref="GrammarBuilder"/>, written from the end.
/// </summary>
internal sealed class JsonParts(GrammarBuilder builder, ByteAlphabetSet alphabet)
{
    private const int DeepestWords = 200;

    private int? _anyValue, _anyString, _anyNumber;

    public GrammarBuilder Builder { get; } = builder;

    public ByteAlphabetSet Alphabet { get; } = alphabet;

    /// <summary>Of the whole grammar, however many schemas and patterns it has.</summary>
    public WorkBudget Budget { get; } = new();

    /// <summary>The rule of any value whatever.</summary>
    public int AnyValue()
    {
        if (_anyValue is { } known)
        {
            return known;
        }

        var rule = Builder.Rule();
        _anyValue = rule;
        const int End = GrammarBuilder.End;
        Builder.Write(rule, Builder.Either(
            Builder.Literal("null", End), Builder.Literal("true", End), Builder.Literal("false", End), Builder.Call(AnyNumber(), End),
            Builder.Call(AnyString(), End), AnyObject(End), AnyArray(End)));
        return rule;
    }

    public int AnyObject(int next)
    {
        var member = Builder.Rule(Builder.Call(AnyString(), Colon(Builder.Call(AnyValue(), GrammarBuilder.End))));
        return Byte('{', List(member, 0, -1, Byte('}', next)));
    }

    public int AnyArray(int next) => Byte('[', List(AnyValue(), 0, -1, Byte(']', next)));

    public int AnyString() => _anyString ??= Builder.Rule(Quoted(new StringMachine(TextAutomaton.Any, 0, -1, isJson: true, Alphabet), GrammarBuilder.End));

    public int AnyNumber() => _anyNumber ??= Builder.Rule(Builder.Text(new NumberMachine(NumberSet.All, Alphabet), GrammarBuilder.End));

    /// <summary>Texts of a rule with commas between them.</summary>
    public int List(int rule, int min, int max, int next) => Builder.Repeat(rule, Builder.Rule(Comma(Builder.Call(rule, GrammarBuilder.End))), min, max, next);

    public int Byte(char letter, int next) => Builder.Bytes((byte)letter, (byte)letter, next);

    public int Comma(int next) => Spaced(',', next);

    public int Colon(int next) => Spaced(':', next);

    public int Quoted(LeafMachine machine, int next) => Byte('"', Builder.Text(machine, Byte('"', next)));

    public StringMachine Texts(TextShape text) => new(text.Language, text.Min, text.Max, isJson: true, Alphabet);

    /// <summary>A given string.</summary>
    public int Literal(string text, int next) => Literals([text], next);

    /// <summary>One of some given strings. Those with characters that some writer escapes may be written with any escapes.</summary>
    public int Literals(IReadOnlyList<string> texts, int next)
    {
        var plain = Words(texts.Where(IsWrittenPlainly).Select(text => $"\"{text}\""), next);
        string[] others = [.. texts.Where(text => !IsWrittenPlainly(text))];
        var machine = others.Length == 0 ? null : Texts(new(WordAutomaton.Of(others)));
        return machine is null or { IsEmpty: true } ? plain : Builder.Either(plain, Quoted(machine, next));
    }

    private static bool IsWrittenPlainly(string text) => text.All(letter => char.IsAsciiLetterOrDigit(letter) || " _-.,:;!?()[]{}@#$%^*=|~".Contains(letter, StringComparison.Ordinal));

    /// <summary>One of some texts; what they begin with in common is written once.</summary>
    public int Words(IEnumerable<string> words, int next)
    {
        byte[][] sorted = [.. words.Distinct(StringComparer.Ordinal).Select(Encoding.UTF8.GetBytes)];
        Array.Sort(sorted, static (a, b) => a.AsSpan().SequenceCompareTo(b));
        return Words(sorted, 0, next, 0);
    }

    private int Words(ReadOnlySpan<byte[]> sorted, int from, int next, int depth)
    {
        if (sorted.Length <= 1 || depth > DeepestWords)
        {
            var rest = new List<int>();
            foreach (var word in sorted)
            {
                rest.Add(Builder.Literal(word.AsSpan(from), next));
            }

            return Builder.Either(rest);
        }

        var shared = from + sorted[0].AsSpan(from).CommonPrefixLength(sorted[^1].AsSpan(from));
        var ways = new List<int>();
        for (var at = 0; at < sorted.Length;)
        {
            if (sorted[at].Length == shared)
            {
                ways.Add(next);
                at++;
                continue;
            }

            var end = at + 1;
            while (end < sorted.Length && sorted[end][shared] == sorted[at][shared])
            {
                end++;
            }

            ways.Add(Words(sorted[at..end], shared, next, depth + 1));
            at = end;
        }

        return Builder.Literal(sorted[0].AsSpan(from, shared - from), Builder.Either(ways));
    }

    /// <summary>One given value, its members in its own order.</summary>
    public int Value(JsonElement value, int next)
    {
        switch (value.ValueKind)
        {
            case JsonValueKind.Object:
                return Byte('{', Joined([.. value.EnumerateObject()], (member, after) => Literal(member.Name, Colon(Value(member.Value, after))), Byte('}', next)));
            case JsonValueKind.Array:
                return Byte('[', Joined([.. value.EnumerateArray()], Value, Byte(']', next)));
            case JsonValueKind.String:
                return Literal(value.GetString()!, next);
            case JsonValueKind.Number:
                return Builder.Either([.. Spellings(value).Select(spelling => Builder.Literal(spelling, next))]);
            default:
                return Builder.Literal(value.GetRawText(), next);
        }
    }

    private int Joined<T>(IReadOnlyList<T> items, Func<T, int, int> write, int next)
    {
        for (var i = items.Count - 1; i >= 0; i--)
        {
            next = write(items[i], next);
            next = i > 0 ? Comma(next) : next;
        }

        return next;
    }

    private int Spaced(char letter, int next) => Byte(letter, Builder.Either(next, Byte(' ', next)));

    // As the schema has it, without exponent and superfluous zeros, and as JavaScript and .NET print the double.
    private static IEnumerable<string> Spellings(JsonElement value)
    {
        var raw = value.GetRawText();
        var shortest = value.GetDouble().ToString("R", System.Globalization.CultureInfo.InvariantCulture).Replace("E", "e", StringComparison.Ordinal);
        var exact = ExactNumber.Parse(raw)?.ToString();
        return new[] { raw, exact is { Length: <= 40 } ? exact : raw, double.IsFinite(value.GetDouble()) && ExactNumber.Parse(shortest) == ExactNumber.Parse(raw) ? shortest : raw }.Distinct();
    }
}
