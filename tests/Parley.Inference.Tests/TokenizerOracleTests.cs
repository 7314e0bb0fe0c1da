using Parley.Inference.Verification;
using Parley.Testing;

namespace Parley.Inference.Tests;

/// <summary>Every vocabulary of the shared oracle that is there: the code behind <c>parley verify oracles</c>.</summary>
public sealed class TokenizerOracleTests
{
    [Fact]
    public void EveryIdAndTextIsTheOracles() =>
        Assert.All(TokenizerOracle.Run(SharedData.Folder("oracles")), verdict => Assert.True(verdict.IsOk, verdict.ToString()));
}
