using System.Text.Json;
using Parley.Protocol.Generation;

namespace Parley.Inference.Tests.Constraints;

/// <summary>Calls that a grammar has written, token by token: what is shown when, how an answer ends, and what a cut or a second run leaves of it.</summary>
public sealed class StreamedCallTests
{
    private static ToolSettings Forced => CallingModel.Tools with { Choice = ToolChoice.Required };

    [Theory]
    [InlineData(CallingModel.Hermes)]
    [InlineData(CallingModel.Mistral)]
    [InlineData(CallingModel.Bare)]
    [InlineData(CallingModel.Thinking + "<think>\n")]
    public async Task ArgumentsComeAsTheyAreWritten(string template)
    {
        await using var model = new CallingModel(template);
        for (ulong seed = 1; seed <= 2; seed++)
        {
            var events = await model.Read(CallingModel.Request(Forced, seed: seed) with { MaxOutputTokens = 200, TopLogProbabilities = 1 });
            var calls = Calls(events);
            Assert.Equal("", Text(events));
            Assert.NotEmpty(calls);
            Assert.All(events, entry => Assert.True(entry.LogProbabilities is null && (entry.ToolCalls?.Sum(piece => piece.Arguments.Length) ?? 0) <= 8));
            Assert.Equal(Enumerable.Range(0, calls.Count), calls.Select(call => call.Index));
            if (events[^2].FinishReason != FinishReason.Length)
            {
                Assert.Equal(FinishReason.ToolCalls, events[^2].FinishReason);
                Assert.All(calls, AssertValid);
            }
        }
    }

    [Fact]
    public async Task OneCallIsEnoughWhereNoMoreAreWanted()
    {
        await using var model = new CallingModel(CallingModel.Hermes);
        var events = await model.Read(CallingModel.Request(Forced with { Parallel = false, ForcedName = "pick" }, seed: 5));
        var call = Assert.Single(Calls(events));
        Assert.Equal(("pick", FinishReason.ToolCalls), (call.Name, events[^2].FinishReason));
        AssertValid(call);
    }

    [Fact]
    public async Task EitherCallsOrContent()
    {
        await using var model = new CallingModel(CallingModel.Bare);
        var (called, said) = (0, 0);
        for (ulong seed = 1; seed <= 14; seed++)
        {
            var events = await model.Read(CallingModel.Request(CallingModel.Tools with { Parallel = false }, CallingModel.Json, seed));
            var calls = Calls(events);
            called += calls.Count;
            Assert.NotEqual(calls.Count > 0, Text(events).Length > 0);
            if (calls.Count == 0)
            {
                said++;
                using var content = JsonDocument.Parse(Text(events));
                Assert.Equal(FinishReason.Stop, events[^2].FinishReason);
                Assert.Equal(["ok", "note"], content.RootElement.EnumerateObject().Select(member => member.Name));
            }
            else
            {
                AssertValid(calls[0]);
            }
        }

        Assert.True(called > 0 && said > 0);
    }

    [Theory]
    [InlineData(CallingModel.Hermes)]
    [InlineData(CallingModel.Mistral)]
    [InlineData(CallingModel.Bare)]
    public async Task ACutCallKeepsWhatWasWritten(string template)
    {
        await using var model = new CallingModel(template);
        var request = CallingModel.Request(Forced with { Parallel = false }, seed: 2) with { TopLogProbabilities = 0 };
        var whole = await model.Read(request);
        var call = Assert.Single(Calls(whole));
        var tokens = whole.SelectMany(entry => entry.TokenIds).ToArray();
        var (before, seen) = (0, 0);
        for (var length = 1; length < tokens.Length; length += 4)
        {
            var cut = await model.Read(request with { MaxOutputTokens = length });
            Assert.Equal("", Text(cut));
            Assert.All(cut, entry => Assert.Null(entry.LogProbabilities));
            var arguments = Calls(cut).SingleOrDefault().Arguments ?? "";
            Assert.StartsWith(arguments, call.Arguments, StringComparison.Ordinal);
            Assert.True(arguments.Length >= before);
            seen += arguments.Length > before ? 1 : 0;
            before = arguments.Length;
            Assert.Equal(arguments == call.Arguments ? FinishReason.ToolCalls : FinishReason.Length, cut[^2].FinishReason);
        }

        Assert.True(seen > 1);
    }

    [Fact]
    public async Task AResumedCallGoesOnWhereItWas()
    {
        await using var model = new CallingModel(CallingModel.Hermes);
        var request = CallingModel.Request(Forced with { Parallel = false }, seed: 2);
        var whole = await model.Read(request);
        var tokens = whole.SelectMany(entry => entry.TokenIds).ToArray();
        var expected = Pieces(whole);
        for (var length = 1; length < tokens.Length; length += 9)
        {
            var shown = Pieces([.. whole.Where(entry => entry.Kind == GenerationEventKind.Delta).Take(length)]);
            var rest = await model.Read(request with { ResumeFrom = tokens[..length] });
            Assert.Equal(expected, shown + Pieces(rest));
            Assert.Equal(FinishReason.ToolCalls, rest[^2].FinishReason);
        }
    }

    [Fact]
    public async Task EveryChoiceHasItsOwnCalls()
    {
        await using var model = new CallingModel(CallingModel.Hermes);
        var events = await model.Read(CallingModel.Request(Forced with { Parallel = false }) with { Choices = 3 });
        var calls = Enumerable.Range(0, 3).Select(choice => Assert.Single(Calls([.. events.Where(entry => entry.Choice == choice)]))).ToArray();
        Assert.Equal(3, calls.Select(call => call.Id).Distinct().Count());
        Assert.All(calls, AssertValid);
        Assert.All(events.Where(entry => entry.Kind == GenerationEventKind.Finished), entry => Assert.Equal(FinishReason.ToolCalls, entry.FinishReason));
    }

    [Fact]
    public async Task StopStringsAreLookedForInWordsOnly()
    {
        await using var model = new CallingModel(CallingModel.Hermes);
        var forced = CallingModel.Request(Forced with { Parallel = false }, seed: 3);
        Assert.Equal(Pieces(await model.Read(forced)), Pieces(await model.Read(forced with { Stop = ["\"", "{"] })));
        var words = await model.Read(CallingModel.Request(CallingModel.Tools with { Choice = ToolChoice.None }, CallingModel.Json) with { Stop = ["\"note"] });
        Assert.Equal(FinishReason.Stop, words[^2].FinishReason);
        Assert.DoesNotContain("note", Text(words), StringComparison.Ordinal);
    }

    [Fact]
    public async Task ContentHasItsLogProbabilities()
    {
        await using var model = new CallingModel(CallingModel.Bare);
        for (ulong seed = 1; seed <= 6; seed++)
        {
            var events = await model.Read(CallingModel.Request(CallingModel.Tools with { Parallel = false }, CallingModel.Json, seed) with { TopLogProbabilities = 1 });
            var entries = events.SelectMany(entry => entry.LogProbabilities ?? []).ToArray();
            Assert.Equal(System.Text.Encoding.UTF8.GetBytes(Text(events)), entries.SelectMany(entry => entry.Bytes!));
        }
    }

    private static void AssertValid((int Index, string Id, string Name, string Arguments) call)
    {
        using var arguments = JsonDocument.Parse(call.Arguments);
        Assert.Equal(call.Name == "pick" ? ["colour", "size"] : new[] { "zone" }, arguments.RootElement.EnumerateObject().Select(member => member.Name));
    }

    private static string Text(IReadOnlyList<GenerationEvent> events) => string.Concat(events.Select(entry => entry.Text));

    private static string Pieces(IReadOnlyList<GenerationEvent> events) =>
        string.Concat(events.SelectMany(entry => entry.ToolCalls ?? []).Select(piece => piece.Id is null ? piece.Arguments : $"[{piece.Index} {piece.Id} {piece.Name}]"));

    // The first piece of each has id and name, the others only arguments.
    private static List<(int Index, string Id, string Name, string Arguments)> Calls(IReadOnlyList<GenerationEvent> events)
    {
        var calls = new List<(int Index, string Id, string Name, string Arguments)>();
        foreach (var piece in events.SelectMany(entry => entry.ToolCalls ?? []))
        {
            if (piece.Id is not null)
            {
                Assert.Equal("", piece.Arguments);
                calls.Add((piece.Index, piece.Id, piece.Name!, ""));
                continue;
            }

            Assert.Null(piece.Name);
            Assert.NotEqual("", piece.Arguments);
            Assert.Equal(calls[^1].Index, piece.Index);
            calls[^1] = calls[^1] with { Arguments = calls[^1].Arguments + piece.Arguments };
        }

        return calls;
    }
}
