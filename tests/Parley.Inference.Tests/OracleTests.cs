using Parley.Inference.Verification;
using Parley.Tensors;
using Parley.Testing;

namespace Parley.Inference.Tests;

/// <summary>
/// Logits and greedy tokens of tiny random models as an independent exact computation gave them, through the serving engine: the code behind
/// <c>parley verify oracles</c>.
/// </summary>
public sealed class OracleTests
{
    [Theory]
    [InlineData("llama.F16")]
    [InlineData("llama.BF16")]
    [InlineData("llama.Q8_0")]
    [InlineData("llama.Q4_0")]
    public async Task LogitsAndGreedyTokensAreTheOracles(string name)
    {
        var file = new OracleFolder(SharedData.Folder("oracles")).Files.Single(file => file.Name == name);
        var verdict = await OracleCheck.RunAsync(file, KernelSet.Auto, Arithmetic.Exact, TestContext.Current.CancellationToken);
        Assert.True(verdict.HasRightLogits && verdict.HasRightTokens, verdict.ToString());
    }
}
