using FsCheck;
using FsCheck.Fluent;

namespace Parley.Text.Tests;

/// <summary>Answers taken apart into thoughts, words and calls. Each is given whole, letter by letter and in random cuts: the outcome is the same.</summary>
public sealed class AnswerReaderTests
{
    private static readonly HashSet<string> Declared = ["get_weather", "now"];
    private static readonly AnswerFormat Thinking = AnswerFormat.Of("{{ '<think>' }}{{ '</think>' }}");

    [Theory]
    [InlineData("<think>\nLet me see.\n</think>\n\nHello.", "Let me see.", "Hello.")]
    [InlineData("<think></think>Hello.", "", "Hello.")]
    [InlineData(" \n<think>a\n\nb</think>\n", "a\n\nb", "")]
    [InlineData("<think>never closed </thin\n", "never closed </thin", "")]
    [InlineData("Hello <think>x</think>", "", "Hello <think>x</think>")]
    [InlineData("<thin", "", "<thin")]
    [InlineData("", "", "")]
    [InlineData("  two", "", "  two")]
    public void Thoughts_stand_at_the_beginning(string answer, string reasoning, string words) =>
        AssertRead(Thinking, answer, $"[{reasoning}]{words}");

    [Fact]
    public void Thoughts_that_the_prompt_opened_need_no_opening()
    {
        AssertRead(Thinking, "\nstill\n</think>\nyes", "[still]yes", isThinking: true);
        Assert.True(Thinking.IsThinkingAfter("<|im_start|>assistant\n<think>\n"));
        Assert.False(Thinking.IsThinkingAfter("<|im_start|>assistant\n<think>\n\n</think>\n\n"));
        Assert.False(AnswerFormat.Of("plain").IsThinkingAfter("<think>"));
    }

    [Theory]
    [InlineData("<tool_call>\n{\"name\": \"now\", \"arguments\": {}}\n</tool_call>", "now{}")]
    [InlineData("I look.\n<tool_call>{\"name\": \"get_weather\", \"arguments\": {\"city\": \"a}\\\"{\"}}</tool_call>\n", "I look.\nget_weather{\"city\": \"a}\\\"{\"}")]
    [InlineData("<tool_call>{\"name\":\"now\"}</tool_call>\n<tool_call>{\"name\":\"now\",\"arguments\":{}}</tool_call>", "now{}now{}")]
    [InlineData("<tool_call>{\"name\":\"now\",\"arguments\":{}}", "now{}")]
    [InlineData("<tool_call>{\"name\":\"now\",\"arguments\":\"{}\"}</tool_call> done", " donenow{}")]
    [InlineData("<tool_call>{\"name\":\"delete_all\",\"arguments\":{}}</tool_call>", "#")]
    [InlineData("<tool_call>{\"name\":\"now\",\"arguments\":[]}</tool_call>", "#")]
    [InlineData("<tool_call>{\"name\":\"now\",}</tool_call>", "#")]
    [InlineData("<tool_call>{\"name\":\"now\",\"arguments\":{}} and so on", "#")]
    [InlineData("<tool_call> is a tag", "#")]
    [InlineData("a <tool_cal", "#")]
    [InlineData("{\"name\":\"now\",\"arguments\":{}}", "#")]
    [InlineData("<tool_call><tool_call>{\"name\":\"now\"}</tool_call>", "<tool_call>now{}")]
    public void Hermes(string answer, string expected) => AssertCalls(CallFormat.Hermes, answer, expected);

    [Theory]
    [InlineData("{\"name\": \"now\", \"parameters\": {}}", "now{}")]
    [InlineData("<|python_tag|>{\"name\": \"now\", \"parameters\": {}}", "now{}")]
    [InlineData("{\"type\":\"function\",\"name\":\"now\",\"parameters\":{}}; {\"name\":\"get_weather\",\"parameters\":{\"a\":1}}", "now{}get_weather{\"a\":1}")]
    [InlineData("{\"answer\": 42}", "#")]
    [InlineData("\n[see](there) {\"name\":\"now\"}", "#")]
    [InlineData("words {\"name\": \"now\", \"parameters\": {}}", "#")]
    [InlineData("{\"name\": \"now\", \"parameters\": {", "#")]
    public void Llama(string answer, string expected) => AssertCalls(CallFormat.Llama, answer, expected);

    [Theory]
    [InlineData("[TOOL_CALLS] [{\"name\":\"now\",\"arguments\":{}},{\"name\":\"get_weather\",\"arguments\":{\"a\":1}}]", "now{}get_weather{\"a\":1}")]
    [InlineData("[TOOL_CALLS] [{\"name\":\"now\",\"arguments\":{}},{\"name\":\"other\",\"arguments\":{}}]", "#")]
    [InlineData("[TOOL_CALLS] none", "#")]
    [InlineData("[TOOL", "#")]
    public void Mistral(string answer, string expected) => AssertCalls(CallFormat.Mistral, answer, expected);

    [Theory]
    [InlineData(" {\"name\":\"now\",\"arguments\":{}}\n", "now{}")]
    [InlineData("[{\"function\":{\"name\":\"now\",\"arguments\":{}}}]", "now{}")]
    [InlineData("Here: {\"name\":\"now\"}", "#")]
    [InlineData("[]", "#")]
    [InlineData("{}", "#")]
    public void Bare_json(string answer, string expected) => AssertCalls(CallFormat.Json, answer, expected);

    [Fact]
    public void Control_tokens_are_marks_or_nothing()
    {
        var reader = new AnswerReader(new(HasReasoning: true, CallFormat.Mistral), declared: Declared);
        AnswerDelta[] deltas =
        [
            reader.PushControl("<think>"), reader.Push("hm"), reader.PushControl("</think>"), reader.PushControl("<|other|>"), reader.Push("a"),
            reader.PushControl("[TOOL_CALLS]"), reader.Push("[{\"name\":\"now\"}]"), reader.PushControl("[TOOL_CALLS]"), reader.Push("[oops"), reader.Flush(),
        ];
        Assert.Equal("[hm]anow{}[oops", string.Concat(deltas.Select(Describe)).Replace("[]", "", StringComparison.Ordinal).Replace("a[]", "a", StringComparison.Ordinal));
    }

    [Fact]
    public void The_space_before_what_is_no_call_is_words() => AssertRead(
        new(HasReasoning: true, CallFormat.Hermes), "\n <tool_call><{<tool_call>tool\n [</tool_call>{", "[]\n <tool_call><{<tool_call>tool\n [</tool_call>{", Declared);

    [Fact]
    public void Thoughts_before_a_call() => AssertRead(
        new(HasReasoning: true, CallFormat.Hermes), "<think>\nA call.\n</think>\n\n<tool_call>{\"name\":\"now\"}</tool_call>", "[A call.]now{}", Declared);

    [Fact]
    public void The_format_is_told_by_the_template()
    {
        Assert.Same(CallFormat.Hermes, CallFormat.Of("{% if tools %}<tool_call>{% endif %}"));
        Assert.Same(CallFormat.Mistral, CallFormat.Of("[AVAILABLE_TOOLS]{{ tools }}[TOOL_CALLS]"));
        Assert.Same(CallFormat.Llama, CallFormat.Of("{{ tools }}<|python_tag|>"));
        Assert.Same(CallFormat.Json, CallFormat.Of("{{ tools }}"));
        Assert.Same(CallFormat.Described, CallFormat.Of(ChatTemplate.ChatMlJinja));
    }

    [Fact]
    public void Nothing_is_lost_and_nothing_depends_on_the_cut() => Prop.ForAll(
        Gen.Elements("<tool_call>", "</tool_call>", "{\"name\":\"now\"}", "{", "}", "[", "\"", " ", "\n", "<", "tool", "<think>", "</think>", "a", "now", "\\").ListOf()
            .Select(parts => string.Concat(parts)).ToArbitrary(),
        Gen.Elements(CallFormat.Hermes, CallFormat.Llama, CallFormat.Mistral, CallFormat.Json).ToArbitrary(),
        (answer, format) =>
        {
            AnswerFormat whole = new(HasReasoning: true, format);
            var read = Read(whole, [answer], Declared);
            return read == Read(whole, answer.Select(letter => letter.ToString()), Declared)
                && (answer.Contains("now", StringComparison.Ordinal) || answer.Contains("think>", StringComparison.Ordinal) || read == "[]" + answer);
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void Certain_calls_come_as_they_are_written() => Prop.ForAll(
        Gen.Elements(CallFormat.Hermes, CallFormat.Llama, CallFormat.Mistral, CallFormat.Json).ToArbitrary(),
        Gen.Elements("{}", "{\"a\": \"}{\\\"[\"}", "{\"a\":[{\"b\":1},\"</tool_call>\"]}", "{\"é\": \"日\"}").NonEmptyListOf().ToArbitrary(),
        Gen.Choose(0, 200).ToArbitrary(),
        (format, arguments, cut) =>
        {
            var answer = Written(format, arguments);
            var whole = Read(new(HasReasoning: false, format), [answer], Declared);
            var at = Math.Min(cut, answer.Length);
            var letters = answer.Select(letter => letter.ToString());
            foreach (var certainty in new[] { CallCertainty.OnceBegun, CallCertainty.Forced })
            {
                if (whole != Read(new(HasReasoning: false, format), letters, Declared, certainty: certainty)
                    || whole != Read(new(HasReasoning: false, format), [answer[..at], answer[at..]], Declared, certainty: certainty)
                    || !whole.StartsWith(Read(new(HasReasoning: false, format), letters.Take(cut), Declared, certainty: CallCertainty.Forced), StringComparison.Ordinal))
                {
                    return false;
                }
            }

            return whole == "[]" + string.Concat(arguments.Select(argument => "now" + argument));
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void A_certain_call_shows_its_arguments_at_once()
    {
        var reader = new AnswerReader(new(HasReasoning: false, CallFormat.Hermes), declared: Declared, certainty: CallCertainty.OnceBegun);
        Assert.Equal("[]So: ", Describe(reader.Push("So: <tool_call>\n{\"name\": \"now\", \"argu")));
        Assert.Equal("[]now{\"a", Describe(reader.Push("ments\": {\"a")));
        Assert.Equal("[]\": 1}", Describe(reader.Push("\": 1}")));
        var closing = reader.Push("}\n</tool_c");
        Assert.Equal(new CallPiece(null, "", IsLast: true), Assert.Single(closing.Calls));
        Assert.Equal(("[]", 0), (Describe(reader.Flush()), reader.Held));
    }

    [Theory]
    [InlineData("<tool_call>\n{\"name\": \"no", CallCertainty.OnceBegun, "", true)]
    [InlineData("<tool_", CallCertainty.OnceBegun, "<tool_", false)]
    [InlineData("<tool_", CallCertainty.Forced, "", true)]
    [InlineData("<tool_call>\n{\"name\": \"no", CallCertainty.Open, "<tool_call>\n{\"name\": \"no", false)]
    [InlineData("<tool_call>surprise", CallCertainty.OnceBegun, "<tool_call>surprise", false)]
    public void A_call_without_a_name_is_not_shown(string answer, CallCertainty certainty, string words, bool isCut)
    {
        var reader = new AnswerReader(new(HasReasoning: false, CallFormat.Hermes), declared: Declared, certainty: certainty);
        Assert.Equal(words, reader.Push(answer).Content + reader.Flush().Content);
        Assert.Equal((isCut, 0), (reader.IsCut, reader.Held));
    }

    private static string Written(CallFormat format, IEnumerable<string> arguments)
    {
        var calls = arguments.Select(argument => $"{{\"name\": \"now\", \"{format.ArgumentsName}\": {argument}}}");
        return format.IsArray ? $"{format.Open}[{string.Join(", ", calls)}]"
            : format.Close is null ? string.Join("; ", calls)
            : string.Join("\n", calls.Select(call => $"{format.Open}\n{call}\n{format.Close}"));
    }

    private static void AssertCalls(CallFormat format, string answer, string expected) =>
        AssertRead(new(HasReasoning: false, format), answer, "[]" + (expected == "#" ? answer : expected), Declared);

    private static void AssertRead(AnswerFormat format, string answer, string expected, HashSet<string>? declared = null, bool isThinking = false)
    {
        Assert.Equal(expected, Read(format, [answer], declared, isThinking));
        Assert.Equal(expected, Read(format, answer.Select(letter => letter.ToString()), declared, isThinking));
        for (var cut = 1; cut < answer.Length; cut++)
        {
            Assert.Equal(expected, Read(format, [answer[..cut], answer[cut..]], declared, isThinking));
        }
    }

    // [thoughts]words, then the calls as name and arguments.
    private static string Read(
        AnswerFormat format, IEnumerable<string> pieces, HashSet<string>? declared = null, bool isThinking = false, CallCertainty certainty = CallCertainty.Open)
    {
        var reader = new AnswerReader(format, isThinking, declared, certainty);
        List<AnswerDelta> deltas = [.. pieces.Select(reader.Push), reader.Flush()];
        Assert.Equal(0, reader.Held);
        return $"[{string.Concat(deltas.Select(delta => delta.Reasoning))}]" + string.Concat(deltas.Select(delta => delta.Content)) + string.Concat(deltas.Select(Calls));
    }

    private static string Describe(AnswerDelta delta) => $"[{delta.Reasoning}]{delta.Content}{Calls(delta)}";

    private static string Calls(AnswerDelta delta) => string.Concat(delta.Calls.Select(call => call.Name + call.Arguments));
}
