using System.Collections.Frozen;

namespace Parley.Text.Jinja;

/// <summary>Python's methods of str. Results are cut from the text they come from, so they keep its origins.</summary>
internal static class StringMethods
{
    private delegate JinjaValue Method(MarkedText text, Arguments arguments, Meter meter);

    private static readonly FrozenDictionary<string, Method> Methods = new Dictionary<string, Method>(StringComparer.Ordinal)
    {
        ["upper"] = (text, _, meter) => TextCase.Upper(text, meter),
        ["lower"] = (text, _, meter) => TextCase.Lower(text, meter),
        ["casefold"] = (text, _, meter) => TextCase.Lower(text, meter),
        ["capitalize"] = (text, _, meter) => TextCase.Capitalize(text, meter),
        ["title"] = (text, _, meter) => TextCase.Title(text, meter),
        ["swapcase"] = (text, _, meter) => TextCase.Swap(text, meter),
        ["strip"] = (text, arguments, meter) => Strip(text, arguments, meter, true, true),
        ["lstrip"] = (text, arguments, meter) => Strip(text, arguments, meter, true, false),
        ["rstrip"] = (text, arguments, meter) => Strip(text, arguments, meter, false, true),
        ["split"] = (text, arguments, meter) => Splitting.Split(text, arguments, meter, fromEnd: false),
        ["rsplit"] = (text, arguments, meter) => Splitting.Split(text, arguments, meter, fromEnd: true),
        ["splitlines"] = (text, arguments, meter) => new JinjaList(Splitting.Lines(text, arguments.Bind("keepends")[0]?.IsTrue ?? false, meter)),
        ["partition"] = (text, arguments, meter) => Splitting.Partition(text, arguments, meter, fromEnd: false),
        ["rpartition"] = (text, arguments, meter) => Splitting.Partition(text, arguments, meter, fromEnd: true),
        ["startswith"] = (text, arguments, meter) => Affix(text, arguments, meter, (all, part) => all.StartsWith(part, StringComparison.Ordinal)),
        ["endswith"] = (text, arguments, meter) => Affix(text, arguments, meter, (all, part) => all.EndsWith(part, StringComparison.Ordinal)),
        ["removeprefix"] = (text, arguments, meter) => RemoveAffix(text, arguments, meter, atStart: true),
        ["removesuffix"] = (text, arguments, meter) => RemoveAffix(text, arguments, meter, atStart: false),
        ["find"] = (text, arguments, meter) => Find(text, arguments, meter, fromEnd: false),
        ["rfind"] = (text, arguments, meter) => Find(text, arguments, meter, fromEnd: true),
        ["index"] = (text, arguments, meter) => Index(text, arguments, meter, fromEnd: false),
        ["rindex"] = (text, arguments, meter) => Index(text, arguments, meter, fromEnd: true),
        ["count"] = Count,
        ["replace"] = Replace,
        ["join"] = (text, arguments, meter) => Join(text, Sequences.Items(arguments.Single("iterable"), meter), meter),
        ["format"] = (text, arguments, meter) => BraceFormat.Apply(text, arguments, meter),
        ["zfill"] = (text, arguments, meter) => Padding.Zeros(text, arguments.Count(arguments.Single("width"), "width", 0), meter),
        ["center"] = (text, arguments, meter) => Padding.Pad(text, arguments, meter, 0.5),
        ["ljust"] = (text, arguments, meter) => Padding.Pad(text, arguments, meter, 0),
        ["rjust"] = (text, arguments, meter) => Padding.Pad(text, arguments, meter, 1),
        ["isalpha"] = (text, _, meter) => All(text, meter, char.IsLetter),
        ["isdigit"] = (text, _, meter) => All(text, meter, char.IsDigit),
        ["isdecimal"] = (text, _, meter) => All(text, meter, char.IsDigit),
        ["isnumeric"] = (text, _, meter) => All(text, meter, char.IsNumber),
        ["isalnum"] = (text, _, meter) => All(text, meter, char.IsLetterOrDigit),
        ["isspace"] = (text, _, meter) => All(text, meter, PythonText.IsSpace),
        ["isascii"] = (text, _, meter) => text.Length == 0 || All(text, meter, char.IsAscii).IsTrue,
        ["isupper"] = (text, _, meter) => All(text, meter, letter => !char.IsLower(letter)).IsTrue && text.Text.Any(char.IsUpper),
        ["islower"] = (text, _, meter) => All(text, meter, letter => !char.IsUpper(letter)).IsTrue && text.Text.Any(char.IsLower),
    }.ToFrozenDictionary(StringComparer.Ordinal);

    public static JinjaFunction? Find(JinjaString text, string name) => Methods.TryGetValue(name, out var method)
        ? new BuiltInFunction(name, (interpreter, arguments) =>
        {
            interpreter.Meter.Step(text.Text.Length >> 6);
            return method(text.Value, arguments, interpreter.Meter);
        })
        : null;

    /// <param name="letters">Null: white space.</param>
    public static MarkedText Strip(in MarkedText text, string? letters, bool atStart, bool atEnd, Meter meter)
    {
        meter.Search(text.Length, letters?.Length ?? 0);
        var (start, end) = (0, text.Length);
        while (atStart && start < end && Goes(text.Text[start]))
            start++;
        while (atEnd && end > start && Goes(text.Text[end - 1]))
            end--;
        meter.Text(end - start);
        return text.Slice(start, end - start);

        bool Goes(char letter) => letters is null ? PythonText.IsSpace(letter) : letters.Contains(letter, StringComparison.Ordinal);
    }

    public static MarkedText Join(in MarkedText separator, IEnumerable<JinjaValue> parts, Meter meter)
    {
        var output = new MarkedTextBuilder(meter);
        var first = true;
        foreach (var part in parts)
        {
            meter.Step();
            if (!first)
                output.Append(separator);
            first = false;
            output.Append(ValueText.Of(part, meter));
        }

        return output.ToText();
    }

    /// <param name="count">At most so many; negative: all.</param>
    public static MarkedText Replace(in MarkedText text, in MarkedText old, in MarkedText replacement, int count, Meter meter)
    {
        meter.Search(text.Length, old.Length);
        var output = new MarkedTextBuilder(meter);
        var (done, at) = (0, 0);
        for (var left = count; left != 0 && at <= text.Length; left--)
        {
            var found = text.Text.IndexOf(old.Text, at, StringComparison.Ordinal);
            if (found < 0)
                break;
            meter.Step();
            output.Append(text.Slice(done, found - done)).Append(replacement);
            done = found + old.Length;
            // Between all letters when nothing is looked for.
            at = old.Length > 0 ? done : found < text.Length ? found + CodePoints.LengthAt(text.Text, found) : found + 1;
        }

        return output.Append(text.Slice(done, text.Length - done)).ToText();
    }

    private static JinjaValue Strip(in MarkedText text, Arguments arguments, Meter meter, bool atStart, bool atEnd)
    {
        var letters = arguments.Bind("chars")[0];
        return Strip(text, letters is null or JinjaNone ? null : arguments.Text(letters, "chars").Text, atStart, atEnd, meter);
    }

    private static JinjaValue Replace(MarkedText text, Arguments arguments, Meter meter)
    {
        var bound = arguments.Bind("old", "new", "count");
        return Replace(text, arguments.Text(bound[0], "old"), arguments.Text(bound[1], "new"), arguments.Count(bound[2], "count", -1), meter);
    }

    private static JinjaValue Affix(in MarkedText text, Arguments arguments, Meter meter, Func<string, string, bool> holds)
    {
        var bound = arguments.Bind("prefix", "start", "end");
        var part = bound[0] ?? throw arguments.Missing("prefix");
        var within = Window(text, arguments, bound[1], bound[2], meter).Text.Text;
        meter.Step((1 + (within.Length >> 6)) * (1L + ((part as JinjaList)?.Items.Count ?? 0)));
        return part is JinjaList { IsTuple: true } several
            ? several.Items.Any(item => holds(within, arguments.Text(item, "prefix").Text))
            : holds(within, arguments.Text(part, "prefix").Text);
    }

    private static JinjaValue RemoveAffix(in MarkedText text, Arguments arguments, Meter meter, bool atStart)
    {
        var affix = arguments.Text(arguments.Single("affix"), "affix").Text;
        if (!(atStart ? text.Text.StartsWith(affix, StringComparison.Ordinal) : text.Text.EndsWith(affix, StringComparison.Ordinal)))
            return text;
        meter.Text(text.Length);
        return text.Slice(atStart ? affix.Length : 0, text.Length - affix.Length);
    }

    private static JinjaValue Find(in MarkedText text, Arguments arguments, Meter meter, bool fromEnd)
    {
        var bound = arguments.Bind("sub", "start", "end");
        var wanted = arguments.Text(bound[0], "sub").Text;
        var (start, within) = Window(text, arguments, bound[1], bound[2], meter);
        meter.Search(within.Length, wanted.Length);
        var found = fromEnd ? within.Text.LastIndexOf(wanted, StringComparison.Ordinal) : within.Text.IndexOf(wanted, StringComparison.Ordinal);
        return found < 0 ? -1 : start + CodePoints.Count(within.Text[..found]);
    }

    private static JinjaValue Index(in MarkedText text, Arguments arguments, Meter meter, bool fromEnd)
    {
        var found = Find(text, arguments, meter, fromEnd);
        return Number.Integer(found) >= 0 ? found : throw new JinjaFault("the substring is not found");
    }

    private static JinjaValue Count(MarkedText text, Arguments arguments, Meter meter)
    {
        var bound = arguments.Bind("sub", "start", "end");
        var wanted = arguments.Text(bound[0], "sub").Text;
        var within = Window(text, arguments, bound[1], bound[2], meter).Text.Text;
        meter.Search(within.Length, wanted.Length);
        if (wanted.Length == 0)
            return CodePoints.Count(within) + 1;
        var count = 0;
        for (var at = 0; (at = within.IndexOf(wanted, at, StringComparison.Ordinal)) >= 0; at += wanted.Length)
            count++;
        return count;
    }

    /// <summary>The part between two places, counted in code points, and where it begins.</summary>
    private static (int Start, MarkedText Text) Window(in MarkedText text, Arguments arguments, JinjaValue? start, JinjaValue? end, Meter meter)
    {
        if (start is null && end is null)
            return (0, text);
        var length = CodePoints.Count(text.Text);
        var part = Sequences.Slice(
            new JinjaString(text), arguments.Integer(start, "start", 0), arguments.Integer(end, "end", length), null, meter);
        var first = (int)System.Numerics.BigInteger.Clamp(arguments.Integer(start, "start", 0), -length, length);
        return (first < 0 ? first + length : first, ((JinjaString)part).Value);
    }

    private static JinjaValue All(in MarkedText text, Meter meter, Func<char, bool> holds)
    {
        meter.Step(text.Length >> 4);
        return text.Length > 0 && text.Text.All(letter => holds(letter));
    }
}
