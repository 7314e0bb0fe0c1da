namespace Parley.Inference.Tests;

public sealed class GrammarBuilderTests
{
    /// <summary>A tool whose schema could not be honoured left its rules behind unwritten, and the request ended in a 500.</summary>
    [Fact]
    public void A_rule_that_was_given_up_halfway_harms_no_other()
    {
        var builder = new GrammarBuilder();
        var abandoned = builder.Rule();
        builder.Call(abandoned, GrammarBuilder.End);
        var grammar = builder.Build(builder.Rule(builder.Literal("a"u8, GrammarBuilder.End)));
        Assert.True(grammar.IsProductive(grammar.StartOf(grammar.Start)));
        Assert.False(grammar.IsProductive(grammar.StartOf(abandoned)));
    }
}
