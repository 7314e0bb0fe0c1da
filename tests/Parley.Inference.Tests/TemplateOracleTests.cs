using Parley.Inference.Verification;
using Parley.Testing;

namespace Parley.Inference.Tests;

/// <summary>Published chat templates render as Jinja2 renders them: the code behind <c>parley verify oracles</c>.</summary>
public sealed class TemplateOracleTests
{
    [Fact]
    public void EveryTemplateRendersAsTheOracles()
    {
        var verdicts = TemplateOracle.Run(SharedData.Folder("oracles")).ToArray();
        Assert.NotEmpty(verdicts);
        Assert.All(verdicts, verdict => Assert.True(verdict.IsOk, verdict.ToString()));
    }
}
