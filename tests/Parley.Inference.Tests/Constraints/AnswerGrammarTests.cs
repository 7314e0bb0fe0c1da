using System.Text;
using Parley.Protocol.Errors;
using Parley.Protocol.Generation;
using Parley.Text;

namespace Parley.Inference.Tests.Constraints;

/// <summary>Which whole answers may be given: calls, a form, or either, with thoughts before them where the template has such.</summary>
public sealed class AnswerGrammarTests
{
    private const string Now = "{\"name\": \"now\", \"arguments\": {\"zone\":\"a\"}}";
    private const string Call = "<tool_call>\n" + Now + "\n</tool_call>";
    private const string Content = "{\"ok\":true,\"note\":\"\"}";

    private static readonly ToolSettings Free = new([.. CallingModel.Tools.Tools.Select(tool => tool with { Strict = false })]);

    [Theory]
    [InlineData(CallingModel.Hermes, Call)]
    [InlineData(CallingModel.Hermes, Call + "\n" + Call)]
    [InlineData(CallingModel.Mistral, "[TOOL_CALLS][" + Now + ", " + Now + "]")]
    [InlineData(CallingModel.Bare, Now + "; " + Now)]
    [InlineData(CallingModel.Thinking, "<think>\nHm, <tool_call> or not\n</think>\n\n" + Call)]
    [InlineData(CallingModel.Thinking, "<think></think>" + Call)]
    public async Task CallsOrTheForm(string template, string calls)
    {
        await using var model = new CallingModel(template);
        foreach (var tools in new[] { Free, CallingModel.Tools })
        {
            var either = model.Constraint(CallingModel.Request(tools, CallingModel.Json));
            Assert.True(Accepts(either, calls) && Accepts(either, Content));
            Assert.False(Accepts(either, "words") || Accepts(either, Content + calls) || Accepts(either, calls + Content) || Accepts(either, "{}") || Accepts(either, ""));
            var forced = model.Constraint(CallingModel.Request(tools with { Choice = ToolChoice.Required }, CallingModel.Json));
            Assert.Equal(!calls.StartsWith("<think>", StringComparison.Ordinal), Accepts(forced, calls) && !Accepts(forced, Content));
            var none = model.Constraint(CallingModel.Request(tools with { Choice = ToolChoice.None }, CallingModel.Json));
            Assert.True(Accepts(none, Content) && !Accepts(none, calls));
        }
    }

    [Fact]
    public async Task ThoughtsMayComeBeforeTheForm()
    {
        await using var model = new CallingModel(CallingModel.Thinking);
        var either = model.Constraint(CallingModel.Request(Free, CallingModel.Json));
        Assert.True(Accepts(either, "<think>So.</think>\n\n" + Content));
        Assert.False(Accepts(either, "<think>So." + Content) || Accepts(either, "<think>a</think>b</think>" + Content) || Accepts(either, "<think>a</think>"));
        await using var opened = new CallingModel(CallingModel.Thinking + "<think>\n");
        var inside = opened.Constraint(CallingModel.Request(Free, CallingModel.Json));
        Assert.True(Accepts(inside, "So.</think>" + Content) && Accepts(inside, "</think>\n" + Call) && !Accepts(inside, Content));
        await using var shut = new CallingModel(CallingModel.Thinking + "<think>\n\n</think>\n\n");
        var behind = shut.Constraint(CallingModel.Request(Free, CallingModel.Json));
        Assert.True(Accepts(behind, Content) && Accepts(behind, Call) && !Accepts(behind, "<think></think>" + Content));
    }

    [Fact]
    public async Task UnderStrictToolsWordsStandBeforeCalls()
    {
        await using var model = new CallingModel(CallingModel.Thinking);
        var words = model.Constraint(CallingModel.Request(CallingModel.Tools));
        Assert.True(Accepts(words, "hi <think>") && Accepts(words, "hi " + Call) && Accepts(words, "<think>x</think>hi " + Call) && Accepts(words, ""));
        Assert.False(Accepts(words, "<tool_call>") || Accepts(words, " <think>") || Accepts(words, "<think>") || Accepts(words, Call + "hi"));
        Assert.Null(AnswerGrammar.Get(new ConstraintCache(ByteTokenizer.Instance), model.Loaded, CallingModel.Request(Free), new([1])));
    }

    [Theory]
    [InlineData(ToolChoice.Auto)]
    [InlineData(ToolChoice.Required)]
    public async Task WhatCannotBeHonouredIsNamed(ToolChoice choice)
    {
        await using var model = new CallingModel(CallingModel.Hermes);
        var form = new GenerationConstraint.JsonSchema("""{"multipleOf":0.07}""", "response_format");
        Assert.Equal("response_format", Assert.Throws<ParleyException>(() => model.Constraint(CallingModel.Request(Free with { Choice = choice }, form))).Error.Param);
        var tools = new ToolSettings([CallingModel.Tool("f", """{"type":"string"}""")]) { Choice = choice };
        Assert.Equal("tools[0].function.parameters", Assert.Throws<ParleyException>(() => model.Constraint(CallingModel.Request(tools, CallingModel.Json))).Error.Param);
    }

    [Fact]
    public async Task MarksThatAreControlTokensAreWrittenAsSuch()
    {
        var tokenizer = new MarkedTokenizer();
        await using var model = new CallingModel(CallingModel.Thinking, tokenizer);
        var constraint = model.Constraint(CallingModel.Request(CallingModel.Tools, CallingModel.Json));
        var begin = constraint.Start([ByteTokenizer.End]);
        Assert.Equal([tokenizer.Id("<think>"), tokenizer.Id("<tool_call>")], Allowed(begin, tokenizer).Where(tokenizer.Special.IsSpecial));
        Assert.DoesNotContain(Allowed(begin, tokenizer), id => tokenizer.TokenBytes(id).StartsWith("<"u8));
        AssertTakes(begin, tokenizer, "<think>", "a<tool_call>", "</think>", "\n", "<tool_call>", "\n" + Now + "\n", "</tool_call>");
        Assert.True(begin.IsComplete);
        AssertTakes(constraint.Start([ByteTokenizer.End]), tokenizer, Content);
        Assert.False(constraint.Start([ByteTokenizer.End]).Accept(tokenizer.Id("</think>")));
        var request = CallingModel.Request(CallingModel.Tools with { Choice = ToolChoice.Required, Parallel = false });
        var events = await model.Read(request);
        Assert.Equal(FinishReason.ToolCalls, events[^2].FinishReason);
        Assert.Contains(tokenizer.Id("<tool_call>"), events.SelectMany(entry => entry.TokenIds));
        Assert.Single(events.SelectMany(entry => entry.ToolCalls ?? []), piece => piece.Id is not null);
    }

    private static void AssertTakes(TokenConstraint constraint, MarkedTokenizer tokenizer, params string[] parts)
    {
        foreach (var id in parts.SelectMany(part => tokenizer.Special.TryGet(part, out var mark) ? [mark] : tokenizer.Encode(part)))
        {
            Assert.Contains(id, Allowed(constraint, tokenizer));
            Assert.True(constraint.Accept(id));
        }
    }

    private static int[] Allowed(TokenConstraint constraint, Tokenizer tokenizer)
    {
        var logits = new float[tokenizer.VocabularySize];
        constraint.Mask(logits);
        return [.. Enumerable.Range(0, logits.Length).Where(id => logits[id] == 0)];
    }

    private static bool Accepts(CompiledConstraint constraint, string text) => constraint.Accepts(Encoding.UTF8.GetBytes(text));

    /// <summary>Bytes, an end token, and the marks as control tokens.</summary>
    private sealed class MarkedTokenizer : Tokenizer
    {
        private static readonly string[] Marks = ["<think>", "</think>", "<tool_call>", "</tool_call>"];

        public override int VocabularySize => 257 + Marks.Length;

        public override SpecialTokens Special { get; } = new(
            Marks.Select((mark, i) => (mark, Id: 257 + i)).Append((mark: SpecialTokens.EndOfTextName, Id: 0)).ToDictionary(entry => entry.mark, entry => entry.Id, StringComparer.Ordinal));

        public override string Hash => "marks";

        public int Id(string mark) => Special.TryGet(mark, out var id) ? id : -1;

        public override int[] Encode(string text) => Encode(Encoding.UTF8.GetBytes(text));

        public override int[] Encode(ReadOnlySpan<byte> utf8) => [.. utf8.ToArray().Select(value => value + 1)];

        public override ReadOnlySpan<byte> TokenBytes(int id) => id is 0 or > 256 ? [] : new[] { (byte)(id - 1) };
    }
}
