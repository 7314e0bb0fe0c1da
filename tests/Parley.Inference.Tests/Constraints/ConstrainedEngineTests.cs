using System.Text.Json;
using Parley.Models;
using Parley.Protocol.Generation;

namespace Parley.Inference.Tests.Constraints;

/// <summary>Constraints through a whole engine: what ends is valid, and neither preemption, resuming nor guessing changes a token.</summary>
public sealed class ConstrainedEngineTests
{
    private const string Person =
        """{"type":"object","properties":{"name":{"type":"string","maxLength":6},"age":{"type":"integer","minimum":0,"maximum":150},"tags":{"type":"array","items":{"enum":["a","b"]},"maxItems":3}},"required":["name","age","tags"],"additionalProperties":false}""";

    [Theory]
    [InlineData(0f)]
    [InlineData(1f)]
    public async Task WhatEndsByItselfIsValid(float temperature)
    {
        using var decoder = Decoder(400);
        await using var driver = new EngineDriver(decoder);
        var constraint = Compile(Person);
        var outputs = driver.Run([.. Enumerable.Range(1, 20).Select(seed => Request(constraint, (ulong)seed, 300, temperature))]);
        Assert.Contains(outputs, output => output.Finish() == FinishReason.Stop);
        foreach (var output in outputs.Where(output => output.Finish() == FinishReason.Stop))
        {
            using var answer = JsonDocument.Parse(Text(output));
            Assert.Equal(["name", "age", "tags"], answer.RootElement.EnumerateObject().Select(member => member.Name));
            Assert.InRange(answer.RootElement.GetProperty("age").GetInt32(), 0, 150);
        }
    }

    [Fact]
    public async Task PreemptionAndGuessingChangeNoToken()
    {
        using var decoder = Decoder(160);
        var constraint = Compile("""{"type":"array","items":{"type":"integer","minimum":0,"maximum":9},"minItems":40}""");
        EngineRequest[] requests = [.. Enumerable.Range(1, 6).Select(seed => Request(constraint, (ulong)seed, 120, 0.7f))];
        await using var roomy = new EngineDriver(decoder);
        await using var tight = new EngineDriver(decoder, new() { CacheBlocks = 12, SpeculativeTokens = 4, MaxBatchTokens = 40, MaxSequences = 6 });
        var expected = roomy.Run(requests);
        var actual = tight.Run(requests);
        Assert.True(tight.Scheduler.Preemptions > 0);
        Assert.True(tight.Engine.Metrics.AcceptedTokens > 0);
        Assert.Equal(expected.Select(output => output.Tokens()), actual.Select(output => output.Tokens()));
    }

    [Fact]
    public async Task AResumedAnswerGoesOnAsIfItHadNeverStopped()
    {
        using var decoder = Decoder(400);
        await using var driver = new EngineDriver(decoder);
        var request = Request(Compile(Person), 3, 300, 1);
        var whole = driver.Run(request)[0].Tokens();
        var resumed = driver.Run(request with { ResumeFrom = whole[..7] })[0].Tokens();
        Assert.Equal(whole[7..], resumed);
        Assert.Throws<ArgumentException>(() => driver.Engine.Submit(request with { ResumeFrom = new[] { 5, 6 } }));
        Assert.Throws<ArgumentException>(() => driver.Engine.Submit(request with { StopTokenIds = [] }));
    }

    [Fact]
    public async Task AConstraintThatForbidsNothingChangesNothing()
    {
        using var decoder = Decoder(200);
        await using var driver = new EngineDriver(decoder);
        var free = ConstraintCompiler.FromRegex("[\\x20-\\x7E]*", ByteTokenizer.Instance);
        var constrained = driver.Run(Request(free, 5, 60, 0))[0];
        Assert.All(Text(constrained), letter => Assert.InRange(letter, ' ', '~'));
        Assert.Equal(constrained.Tokens(), driver.Run(Request(free, 5, 60, 0))[0].Tokens());
    }

    internal static Decoder Decoder(int contextLength) =>
        Models.Decoder.Initialize(TinyModel.Config with { ContextLength = contextLength, VocabularySize = ByteTokenizer.Instance.VocabularySize + 5 }, 11);

    internal static string Text(IReadOnlyList<EngineOutput> outputs) => ByteTokenizer.Instance.DecodeText(outputs.Tokens());

    private static CompiledConstraint Compile(string schema)
    {
        using var document = JsonDocument.Parse(schema);
        return ConstraintCompiler.FromJsonSchema(document.RootElement, ByteTokenizer.Instance);
    }

    private static EngineRequest Request(CompiledConstraint constraint, ulong seed, int maxTokens, float temperature) =>
        Requests.Of(8, seed, maxTokens, temperature) with { Constraint = constraint, StopTokenIds = [ByteTokenizer.End] };
}
